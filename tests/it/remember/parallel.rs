//! Requests at once, as a browser sends them that opens its tabs again.

use std::convert::Infallible;
use std::sync::Arc;

use http::Request;
use tower::{Layer, Service, service_fn};
use tower_cookie_policy::{CookiePolicy, Cookies};

use super::support::{LOGIN, login, meets, remembered, restarted, resumes, stage};
use crate::session::staged::Act;
use crate::session::support::policy;
use crate::support::Answer;
use crate::transaction::jar::Jar;

/// As many answers as requests, all of them at work at once.
async fn at_once(
    policy: &CookiePolicy,
    jar: &Jar,
    requests: usize,
    resume: bool,
) -> Vec<(Option<String>, bool, Answer)> {
    let gate = Arc::new(tokio::sync::Barrier::new(requests));
    let tasks: Vec<_> = (0..requests)
        .map(|_| {
            let (policy, request, gate) = (policy.clone(), jar.request(), Arc::clone(&gate));
            tokio::spawn(async move {
                let met = Arc::new(std::sync::Mutex::new((None, false)));
                let seen = Arc::clone(&met);
                let mut service = policy.layer().layer(service_fn(move |request: Request<()>| {
                    let (gate, seen) = (Arc::clone(&gate), Arc::clone(&seen));
                    async move {
                        let session = request.extensions().get::<Cookies>().unwrap().session().unwrap();
                        gate.wait().await;
                        let remembered = session.remembered().await.unwrap();
                        let stolen = session.theft().await.unwrap().is_some();
                        *seen.lock().unwrap() =
                            (remembered.as_ref().map(|one| one.user().to_owned()), stolen);
                        if let Some(remembered) = remembered.filter(|_| resume) {
                            session.resume(remembered).await.unwrap();
                        }
                        Ok::<_, Infallible>(Answer::default())
                    }
                }));
                let Ok(answer) = service.call(request).await;
                let (user, stolen) = met.lock().unwrap().clone();
                (user, stolen, answer)
            })
        })
        .collect();
    let mut met = vec![];
    for task in tasks {
        met.push(task.await.unwrap());
    }
    met
}

/// Twenty at once after a restart: one identity, one successor, no alarm; twice over.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_first_visits_are_one_user() {
    for resume in [false, true] {
        for slow in [false, true] {
            let (_, store, builder) = stage();
            let policy = builder.build().unwrap();
            let mut jar = restarted(&remembered(&policy, "alice").await);
            if slow {
                store.plays(|_| Act::Slow);
            }
            for round in 0..3 {
                let met = at_once(&policy, &jar, 20, resume).await;
                assert!(
                    met.iter().all(|(user, stolen, _)| user.as_deref() == Some("alice") && !stolen),
                    "{round}"
                );
                let successors: Vec<_> = met.iter().filter_map(|(.., answer)| login(answer)).collect();
                assert_eq!(successors.len(), 1, "round {round}, resume {resume}, slow {slow}");
                met.iter().for_each(|(.., answer)| jar.keep(answer));
                jar = restarted(&jar);
            }
        }
    }
}

/// Twenty thieves at once find out once, and the sessions of all of them end.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_theft_that_many_find_out_is_one() {
    let alarms = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let (clock, _, builder) = stage();
    let heard = Arc::clone(&alarms);
    let policy = builder
        .on_theft(move |_| {
            heard.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        })
        .build()
        .unwrap();
    let copied = restarted(&remembered(&policy, "alice").await);
    let mut visitor = copied.clone();
    resumes(&policy, &mut visitor).await;
    let mut visitor = restarted(&visitor);
    resumes(&policy, &mut visitor).await;
    clock.advance(std::time::Duration::from_secs(61));
    let met = at_once(&policy, &copied, 20, true).await;
    assert!(met.iter().all(|(user, stolen, _)| user.is_none() && *stolen));
    assert_eq!(alarms.load(std::sync::atomic::Ordering::Relaxed), 1);
    assert_eq!(meets(&policy, &mut visitor.without(LOGIN)).await.user, None);
}

/// A browser that is faster than the network: a request that was sent first arrives after four others were answered.
#[tokio::test]
async fn a_slow_request_raises_no_alarm() {
    let policy = policy();
    let mut jar = restarted(&remembered(&policy, "alice").await);
    let slow = jar.clone();
    for _ in 0..4 {
        assert!(meets(&policy, &mut jar).await.successor().is_some());
    }
    let met = meets(&policy, &mut slow.clone()).await;
    assert_eq!(
        (met.remembered.as_deref(), met.stolen, met.answer.headers().get("set-cookie")),
        (Some("alice"), None, None)
    );
}
