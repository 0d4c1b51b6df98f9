//! One request to one back end, or to the next where that one cannot be reached.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, Version};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::time::timeout;
use tower_cookie_policy::sticky::Sticky;

use crate::body::{Parcel, Reply};
use crate::farm::{CONNECT, Farm};
use crate::hops;

/// What the outside knows of a request, for the inside: the policy layer lies between the two.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) address: IpAddr,
    /// The `Cookie` fields, as the balancer has to read them.
    pub(crate) cookies: HeaderMap,
}

/// The way to the back ends. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Forwarder {
    farm: Arc<Farm>,
    sticky: Sticky,
    client: Client<HttpConnector, Parcel>,
    patience: Duration,
}

impl Forwarder {
    pub(crate) fn new(farm: Arc<Farm>, sticky: Sticky, patience: Duration) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        let mut builder = Client::builder(TokioExecutor::new());
        // Sooner than back ends close them (Tomcat after 20 seconds), so that no request meets a connection that is
        // going.
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(Duration::from_secs(10));
        let client = builder.build(connector);
        Self { farm, sticky, client, patience }
    }

    /// The back end's response, with the balancer's choice in its extensions; or the gateway's own.
    pub(crate) async fn forward(self, request: Request<Incoming>) -> Response<Reply> {
        let (mut parts, body) = request.into_parts();
        let Some(visitor) = parts.extensions.remove::<Visitor>() else {
            return answer(StatusCode::INTERNAL_SERVER_ERROR);
        };
        hops::strip(&mut parts.headers);
        if parts.method == Method::OPTIONS && !hops::count_down(&mut parts.headers) {
            return answer(StatusCode::OK);
        }
        hops::introduce(&mut parts.headers, parts.version, visitor.address);
        let body = Parcel::new(body);
        // Each round that fails takes one back end out.
        for _ in self.farm.targets() {
            let Some(choice) = self.sticky.choose(&visitor.cookies, &self.farm.targets()) else { break };
            let place = choice.index();
            let Some(request) = self.request(&parts, place, &body) else {
                return answer(StatusCode::BAD_REQUEST);
            };
            match timeout(self.patience, self.client.request(request)).await {
                Err(_) => return answer(StatusCode::GATEWAY_TIMEOUT),
                Ok(Err(error)) if error.is_connect() && !body.was_opened() => self.farm.bury(place),
                Ok(Err(_)) if body.is_broken() => return answer(StatusCode::BAD_REQUEST),
                Ok(Err(error)) => {
                    // It may have been carried out, so nobody asks again.
                    eprintln!("gateway: back end {:?}: {error}", self.farm.label(place));
                    return answer(StatusCode::BAD_GATEWAY);
                }
                // Nobody asked it to speak something else.
                Ok(Ok(response)) if response.status() == StatusCode::SWITCHING_PROTOCOLS => {
                    return answer(StatusCode::BAD_GATEWAY);
                }
                Ok(Ok(response)) if !hops::is_uncoded(response.headers()) => {
                    return answer(StatusCode::BAD_GATEWAY);
                }
                Ok(Ok(response)) => {
                    let mut response = response.map(Reply::from);
                    *response.version_mut() = Version::HTTP_11;
                    hops::strip(response.headers_mut());
                    response.extensions_mut().insert(choice);
                    return response;
                }
            }
        }
        let mut response = answer(StatusCode::SERVICE_UNAVAILABLE);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        response
    }

    /// The request as the back end gets it.
    fn request(&self, parts: &Parts, place: usize, body: &Parcel) -> Option<Request<Parcel>> {
        let mut uri = parts.uri.clone().into_parts();
        uri.scheme = Some(Scheme::HTTP);
        uri.authority = Some(self.farm.authority(place).clone());
        let mut request = Request::new(body.clone());
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = Uri::from_parts(uri).ok()?;
        // `Host` among them, which stays that of the site.
        *request.headers_mut() = parts.headers.clone();
        Some(request)
    }
}

/// An answer of the gateway itself.
pub(crate) fn answer(status: StatusCode) -> Response<Reply> {
    let text = format!("{}\n", status.canonical_reason().unwrap_or_default());
    let mut response = Response::new(Reply::from(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
