//! Ours, as the peer's program does it.

use std::error::Error;
use std::time::Instant;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Request, header};
use tower::util::BoxCloneService;
use tower::{Layer, ServiceExt, service_fn};
use tower_cookie_policy::{
    Basis, CookiePolicy, CookieSpec, Cookies, Integrity, KeyRing, RedisStore, Role, SignIn, SqlStore,
};

use crate::places::Place;

type Served = BoxCloneService<Request<Body>, Response, std::convert::Infallible>;

/// A table with a session and nothing else, and visitors who have one.
pub(crate) struct Ours {
    service: Served,
    cookies: Vec<HeaderValue>,
}

impl Ours {
    pub(crate) async fn on(place: &Place) -> Result<Self, Box<dyn Error>> {
        let row = CookieSpec::new("id", Basis::essential("a bench"))
            .role(Role::Session)
            .integrity(Integrity::Guarded);
        let builder = CookiePolicy::empty(KeyRing::generate()?).with(row);
        let builder = match place.name {
            "redis" => builder.store(RedisStore::connect(&place.address).await?),
            "postgres" => builder.store(SqlStore::postgres(&place.address).await?),
            _ => {
                let folder = place.address.trim_start_matches("sqlite:");
                builder.store(SqlStore::sqlite(format!("{folder}/ours.db")).await?)
            }
        };
        let service = BoxCloneService::new(builder.build()?.layer().layer(service_fn(handle)));
        let mut cookies = Vec::new();
        for visitor in 0..MOST_AT_ONCE {
            let begun = service.clone().oneshot(request(&format!("begin/{visitor}"), None)).await?;
            let set = begun.headers().get_all(header::SET_COOKIE).iter();
            let pairs: Vec<_> =
                set.filter_map(|line| line.to_str().ok()?.split(';').next().map(str::to_owned)).collect();
            cookies.push(pairs.join("; ").parse()?);
        }
        Ok(Self { service, cookies })
    }

    /// What a batch took, in nanoseconds.
    pub(crate) async fn batch(&self, work: &'static str, requests: usize, at_once: usize) -> f64 {
        let start = Instant::now();
        let mut visitors = Vec::new();
        for cookie in &self.cookies[..at_once] {
            let (service, cookie) = (self.service.clone(), cookie.clone());
            visitors.push(tokio::spawn(async move {
                for _ in 0..requests / at_once {
                    let response = service.clone().oneshot(request(work, Some(&cookie))).await;
                    assert!(
                        response.is_ok_and(|response| response.status().is_success()),
                        "a request failed"
                    );
                }
            }));
        }
        for visitor in visitors {
            assert!(visitor.await.is_ok(), "a visitor failed");
        }
        start.elapsed().as_secs_f64() * 1e9
    }
}

async fn handle(request: Request<Body>) -> Result<Response, std::convert::Infallible> {
    let session = request.extensions().get::<Cookies>().and_then(Cookies::session);
    let Some(session) = session else { unreachable!("the table has a session") };
    if let Some(visitor) = request.uri().path().strip_prefix("/begin/") {
        let sign_in = SignIn::new(format!("alice-{visitor}")).claim("count", &1);
        assert!(session.sign_in(sign_in).await.is_ok());
        return Ok(().into_response());
    }
    let Ok(Some(count)) = session.get::<u64>("count").await else { unreachable!("the session is there") };
    if request.uri().path() == "/write" {
        assert!(session.insert("count", &(count + 1)).await.is_ok());
    }
    Ok(().into_response())
}

fn request(work: &str, cookies: Option<&HeaderValue>) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = format!("/{work}").parse().unwrap_or_default();
    if let Some(cookies) = cookies {
        request.headers_mut().insert(header::COOKIE, cookies.clone());
    }
    request
}

const MOST_AT_ONCE: usize = 32;
