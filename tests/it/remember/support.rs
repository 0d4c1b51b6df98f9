//! Devices that remember a user.

use std::time::Duration;

use http::StatusCode;
use tower_cookie_policy::{CookiePolicy, CookiePolicyBuilder, Session, SignIn, TestClock};

use crate::session::staged::Staged;
use crate::session::support::{answer, clocked};
use crate::support::{Answer, lines};
use crate::transaction::jar::Jar;

pub(crate) const LOGIN: &str = "root.autoUserLoginId";
pub(crate) const YEAR: u64 = 31_536_000;

/// The preset on a stage, for sessions and remembered logins alike.
pub(crate) fn stage() -> (TestClock, Staged, CookiePolicyBuilder) {
    let (clock, builder) = clocked();
    let store = Staged::new();
    (clock, store.clone(), builder.store(store))
}

/// What a request made of itself.
pub(crate) struct Met {
    /// The user whom the browser remembers.
    pub(crate) remembered: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) fresh: bool,
    /// Whose login was found to be stolen.
    pub(crate) stolen: Option<String>,
    pub(crate) answer: Answer,
}

impl Met {
    /// The value that the response sets for the login, if it does.
    pub(crate) fn successor(&self) -> Option<String> {
        login(&self.answer).map(|line| line.split(['=', ';']).nth(1).unwrap().to_owned())
    }

    pub(crate) fn reasons(&self, name: &str) -> Vec<String> {
        let report = self.answer.extensions().get::<tower_cookie_policy::Report>();
        let refusals = report.map(|report| report.refusals().to_vec()).unwrap_or_default();
        let of_name = refusals.iter().filter(|refusal| refusal.name() == name);
        of_name.map(|refusal| refusal.reason().as_str().to_owned()).collect()
    }
}

/// The line about the login, if it is set or deleted.
pub(crate) fn login(answer: &Answer) -> Option<String> {
    lines(answer).into_iter().find(|line| line.starts_with("root.autoUserLoginId="))
}

/// A jar whose user asked to be remembered.
pub(crate) async fn remembered(policy: &CookiePolicy, user: &str) -> Jar {
    let mut jar = Jar::default();
    does(policy, &mut jar, async |session| session.sign_in(SignIn::new(user).remembered()).await.unwrap())
        .await;
    assert!(jar.find(LOGIN).is_some());
    jar
}

/// A request whose handler does this, after which the jar has what was said.
pub(crate) async fn does<T>(
    policy: &CookiePolicy,
    jar: &mut Jar,
    handler: impl AsyncFnOnce(Session) -> T,
) -> (T, Answer) {
    let (made, said) =
        answer(policy, jar.request(), async |session| (handler(session).await, Answer::default())).await;
    jar.keep(&said);
    (made, said)
}

/// A login and a copy of it which is used up: the visitor has presented its successor since, more than a minute ago.
pub(crate) async fn copied(policy: &CookiePolicy, clock: &TestClock) -> (Jar, Jar) {
    let copy = restarted(&remembered(policy, "alice").await);
    let mut visitor = copy.clone();
    meets(policy, &mut visitor).await;
    meets(policy, &mut visitor).await;
    clock.advance(Duration::from_secs(61));
    (copy, visitor)
}

/// A request that only looks.
pub(crate) async fn meets(policy: &CookiePolicy, jar: &mut Jar) -> Met {
    let look = async |session: Session| {
        let remembered = session.remembered().await.unwrap();
        let stolen = session.theft().await.unwrap();
        let (user, fresh) = (session.user().await.unwrap(), session.is_fresh().await.unwrap());
        (remembered.map(|one| one.user().to_owned()), stolen.map(|one| one.user().to_owned()), user, fresh)
    };
    let ((remembered, stolen, user, fresh), answer) = does(policy, jar, look).await;
    Met { remembered, user, fresh, stolen, answer }
}

/// A request that signs in whom the browser remembers.
pub(crate) async fn resumes(policy: &CookiePolicy, jar: &mut Jar) -> StatusCode {
    let resume = async |session: Session| {
        let remembered = session.remembered().await.unwrap().expect("somebody is remembered");
        session.resume(remembered).await.unwrap();
    };
    does(policy, jar, resume).await.1.status()
}

/// What is left after the browser was closed and opened.
pub(crate) fn restarted(jar: &Jar) -> Jar {
    jar.only(&[LOGIN])
}
