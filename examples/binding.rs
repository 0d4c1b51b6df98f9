//! cargo run --example binding
//!
//! A transaction that is bound to the client certificate's fingerprint: what becomes of cookies that were copied to another
//! device. No network is used: requests go to the service as a server would hand them over. It prints
//!
//! ```text
//! alice signs in with her certificate: 200 OK, "welcome"
//! and goes on: 200 OK, "alice"
//! all her cookies, with another certificate: 200 OK, "nobody", __Host-sid refused as no_transaction
//! all her cookies, without a certificate: 200 OK, "nobody", __Host-sid refused as no_transaction
//! alice herself, afterwards: 200 OK, "alice"
//! alice with her renewed certificate: 200 OK, "nobody", __Host-sid refused as no_transaction
//! and signs in again: 200 OK, "welcome"
//! and goes on: 200 OK, "alice"
//! ```

use std::convert::Infallible;
use std::error::Error;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, header};
use axum::routing::{get, post};
use axum::{Router, response::Response};
use tower::ServiceExt;
use tower_cookie_policy::{
    Basis, CookiePolicy, CookieSpec, Integrity, KeyRing, Report, Role, Session, SessionError,
};

/// The fingerprint of the certificate that came with the connection. Whoever accepts TLS connections puts it into each
/// request's extensions, where no client can write.
#[derive(Clone)]
struct ClientCertificate {
    sha256: [u8; 32],
}

/// What a transaction is bound to.
fn fingerprint(request: &Parts) -> Vec<u8> {
    let certificate = request.extensions.get::<ClientCertificate>();
    certificate.map_or_else(Vec::new, |certificate| certificate.sha256.to_vec())
}

async fn sign_in(session: Session, user: String) -> Result<&'static str, SessionError> {
    session.sign_in(user).await?; // the password was checked
    Ok("welcome")
}

async fn whoami(session: Session) -> Result<String, SessionError> {
    Ok(session.user().await?.unwrap_or_else(|| "nobody".to_owned()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let session = CookieSpec::new("__Host-sid", Basis::essential("Without it nobody can sign in."))
        .role(Role::Session)
        .integrity(Integrity::Guarded);
    let policy =
        CookiePolicy::empty(KeyRing::generate()?).id("bank").with(session).binding(fingerprint).build()?;
    let bank = Bank(
        Router::new().route("/sign-in", post(sign_in)).route("/whoami", get(whoami)).layer(policy.layer()),
    );

    let [hers, renewed, other] = [1, 2, 3].map(|byte| Some(ClientCertificate { sha256: [byte; 32] }));
    let jar = bank.sign_in("alice signs in with her certificate", &hers).await?;
    bank.ask("and goes on", &hers, &jar).await?;
    bank.ask("all her cookies, with another certificate", &other, &jar).await?;
    bank.ask("all her cookies, without a certificate", &None, &jar).await?;
    bank.ask("alice herself, afterwards", &hers, &jar).await?;
    bank.ask("alice with her renewed certificate", &renewed, &jar).await?;
    let jar = bank.sign_in("and signs in again", &renewed).await?;
    bank.ask("and goes on", &renewed, &jar).await
}

/// The application, and what is printed of it.
struct Bank(Router);

impl Bank {
    /// The cookies of whoever has signed in.
    async fn sign_in(
        &self,
        who: &str,
        certificate: &Option<ClientCertificate>,
    ) -> Result<HeaderValue, Box<dyn Error>> {
        let response = self.send(Request::post("/sign-in").body(Body::from("alice"))?, certificate).await;
        let lines = response.headers().get_all(header::SET_COOKIE).iter();
        let pairs: Vec<_> = lines.filter_map(|line| line.to_str().ok()?.split(';').next()).collect();
        let jar = HeaderValue::try_from(pairs.join("; "))?;
        print(who, response).await?;
        Ok(jar)
    }

    async fn ask(
        &self,
        who: &str,
        certificate: &Option<ClientCertificate>,
        jar: &HeaderValue,
    ) -> Result<(), Box<dyn Error>> {
        let request = Request::get("/whoami").header(header::COOKIE, jar).body(Body::empty())?;
        print(who, self.send(request, certificate).await).await
    }

    /// What a server does that asks its clients for certificates.
    async fn send(&self, mut request: Request<Body>, certificate: &Option<ClientCertificate>) -> Response {
        if let Some(certificate) = certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        let response: Result<Response, Infallible> = self.0.clone().oneshot(request).await;
        let Ok(response) = response;
        response
    }
}

async fn print(who: &str, response: Response) -> Result<(), Box<dyn Error>> {
    let status = response.status();
    let refusals =
        response.extensions().get::<Report>().map_or_else(Vec::new, |report| report.refusals().to_vec());
    let body = axum::body::to_bytes(response.into_body(), 1024).await?;
    print!("{who}: {status}, {:?}", String::from_utf8_lossy(&body));
    for refusal in refusals {
        print!(", {} refused as {}", refusal.name(), refusal.reason());
    }
    println!();
    Ok(())
}
