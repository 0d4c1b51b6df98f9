//! cargo run --example gateway -- --backend http://127.0.0.1:8081 --backend http://127.0.0.1:8082
//!
//! A reverse proxy that keeps a cookie table for back ends which know nothing of it: what the cookie protection of a
//! web application firewall does, and the stickiness of a load balancer, in one process.
//!
//! ```text
//! request  ─▶ entrance ─▶ stickiness ─▶ policy layer ─▶ choose ─▶ hop-by-hop ─▶ back end
//!             one host,   XRMINT read   JSESSIONID      a back    headers go,      │
//!             no ids in   and taken     verified by     end that  X-Forwarded-*    │
//!             the path    out           its TS cookies  answers   written anew     │
//! response ◀───────────── XRMINT set ◀─ table kept, ◀──────────── hop-by-hop ◀─────┘
//!                                       TS cookies                headers go
//! ```
//!
//! - The table has two rows: `JSESSIONID` as the back end's own guarded cookie, and `XRM*`, which only the balancer
//!   sets. Other cookies that a back end sets do not leave. `--policy FILE.toml` brings another table, for an
//!   application that has more.
//! - A back end goes on as if nobody stood before it. A `JSESSIONID` that somebody changed, planted, or took out of
//!   another browser without its TS cookies does not reach it: it sees a visitor without a session. The same id in
//!   the path (`/account;jsessionid=ID`) is taken out, else it would be a way around the guard. Ids that a container
//!   writes into the links of a page still leave, and are worth nothing to who finds one; a container that is told to
//!   track sessions by cookie only (`tracking-mode`) writes none.
//! - `XRMINT` names the back end by a label: `n1`, `n2` and so on in the order of the command line, or as in
//!   `--backend blue=http://…`. `--drain` in place of `--backend` is one that takes no new visitors. `--max-idle` and
//!   `--max-life` (seconds) put HAProxy's dates into it. The balancer is outside the policy layer, so its cookie goes
//!   by no table, and no back end sees or sets it.
//! - A back end that cannot be connected to is left out, and the request goes to another, as long as none of its body
//!   has been asked for. A connection is tried again every `--probe` seconds. A request that reached a back end is
//!   never sent twice.
//! - 502: the back end broke off, or spoke no HTTP. 503: there is none. 504: none of its response came within
//!   `--timeout` seconds. Once it has begun, a response may take its time; bodies stream both ways.
//! - Back ends see the visitor's `Host`, which the referrer check goes by as well. `Forwarded` and `X-Forwarded-*` of
//!   the client are dropped, as anybody can write them. `X-Forwarded-For` is the address at the other end of the
//!   connection, `X-Forwarded-Host` is `Host`, `Via` is added. There is no `X-Forwarded-Proto`: whether TLS ended in
//!   front of the gateway it cannot know, and whether a cookie is `Secure` is the table's to say.
//! - Upgrades are not passed on: what goes through a tunnel nobody could look at. `Upgrade` goes as a hop-by-hop
//!   header, and the back end answers a plain request. `CONNECT` and `TRACE` are answered with 501.
//! - Neither are trailers, which come when the policy is done with a message, nor `Cookie2` and `Set-Cookie2`, which
//!   it does not read. A body is chunked or of known length; one that is compressed besides (`Transfer-Encoding: gzip,
//!   chunked`) is a 501, and a back end's a 502.
//! - `OPTIONS` with `Max-Forwards: 0` is for the gateway, and says nothing but 200.
//! - Redirects of a back end stay as they are.
//! - Keys come from `COOKIE_KEYS` (hexadecimal, separated by commas, the first one signs), else they are fresh ones.
//!   Several gateways before the same back ends need the same keys and the same order of back ends.
//! - Cookies are `Secure`, so browsers take them over HTTPS and from this machine; `--danger-allow-http` is for a
//!   laboratory.
//! - It prints one line, `listening on http://ADDR`, once it accepts connections.

mod body;
mod entrance;
mod farm;
mod forward;
mod hops;
mod options;
mod table;

use std::convert::Infallible;
use std::error::Error;
use std::io::Write;
use std::net::IpAddr;
use std::process::ExitCode;
use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tower::{Layer, Service, ServiceExt};
use tower_cookie_policy::sticky::{Choice, Sticky};

use body::Reply;
use entrance::Entrance;
use farm::Farm;
use forward::{Forwarder, Visitor};
use options::Options;

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("gateway: {error}");
            return ExitCode::from(2);
        }
    };
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gateway: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Builds all of it once, and accepts connections for as long as there is a listener.
async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let policy = table::policy(&options)?;
    let mut sticky = Sticky::new("XRMINT")?.max_idle(options.max_idle).max_life(options.max_life);
    if options.danger_allow_http {
        sticky = sticky.danger_allow_http();
    }
    let farm = Farm::new(&options.backends, options.probe)?;
    let forwarder = Forwarder::new(farm, sticky.clone(), options.timeout);
    let backends = tower::service_fn(move |request| {
        let forwarder = forwarder.clone();
        async move { Ok::<_, Infallible>(forwarder.forward(request).await) }
    });
    let front = Front { entrance: Entrance::of(&policy), sticky, guarded: policy.layer().layer(backends) };

    let taken =
        |error| format!("{:?}: {error} (`-- --listen 127.0.0.1:0` takes a free port)", options.listen);
    let listener = TcpListener::bind(options.listen.as_slice()).await.map_err(taken)?;
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => drop(tokio::spawn(converse(stream, peer.ip(), front.clone()))),
            Err(error) => {
                // Out of file descriptors, say. Those that are open end some time.
                eprintln!("gateway: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// The requests of one connection.
async fn converse<S>(stream: TcpStream, peer: IpAddr, front: Front<S>)
where
    S: Service<Request<Incoming>, Response = Response<Reply>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER)
        .max_buf_size(LARGEST_HEADER as usize);
    builder.http2().timer(TokioTimer::new()).max_header_list_size(LARGEST_HEADER);
    let service = service_fn(move |request| front.clone().serve(request, peer));
    // Whatever ends a connection is nothing that the operator could mend.
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

/// What stands before the policy layer.
#[derive(Clone)]
struct Front<S> {
    entrance: Entrance,
    sticky: Sticky,
    guarded: S,
}

impl<S> Front<S>
where
    S: Service<Request<Incoming>, Response = Response<Reply>, Error = Infallible>,
{
    async fn serve(self, request: Request<Incoming>, peer: IpAddr) -> Result<Response<Reply>, Infallible> {
        let mut request = match self.entrance.admit(request) {
            Ok(request) => request,
            Err(status) => return Ok(forward::answer(status)),
        };
        let fields = request.headers().get_all(COOKIE).iter();
        let cookies: HeaderMap = fields.map(|field| (COOKIE, field.clone())).collect();
        self.sticky.strip(request.headers_mut());
        request.extensions_mut().insert(Visitor { address: peer, cookies });
        let mut response = self.guarded.oneshot(request).await?;
        if let Some(choice) = response.extensions_mut().remove::<Choice>() {
            self.sticky.attach(&choice, response.headers_mut());
        }
        Ok(response)
    }
}

/// How long the header of a request may take, and how long a connection may be idle.
const HEADER: Duration = Duration::from_secs(15);
/// The largest header of a request, in bytes: that to which the policy layer looks at cookies.
const LARGEST_HEADER: u32 = 64 * 1024;
