//! cargo run --example portal
//!
//! A small unified-communications portal on axum: what tests and newcomers drive.
//!
//! - It serves <http://127.0.0.1:3000>, and prints that as its only line once it accepts.
//! - Keys come from `COOKIE_KEYS` (hexadecimal, separated by commas, the first one signs), else they are fresh ones.
//! - `-- --listen ADDR --action strip|reject|report --adopt SECONDS --node NAME --nodes A,B=draining,C=dead --store STORE
//!   --idle SECONDS --absolute SECONDS --policy FILE.toml --receipts FILE --lab` change the defaults; `--help` says what each of them does.
//! - Sessions and remembered logins are in memory, so they end with this process. `--features sqlite,postgres,redis` and `--store
//!   sqlite:PATH`, `postgres://USER:PASSWORD@HOST/DATABASE` or `redis://HOST` keep them longer. Any name signs in with the password `demo`.
//! - `--features tracing` writes what a store failed at to the standard error stream.
//! - `--print-policy` prints the policy as TOML, for the example `inspect`, and serves nothing. So does `--print-haproxy`: it prints
//!   the lines of a HAProxy backend that send each visitor to the right node, which takes the keys of the site.
//! - `--lab` adds routes that look behind the scenes, and listens on loopback addresses only: `/lab/echo` (the cookies that a handler
//!   sees, and the refusals), `/lab/report` (the counters), `POST /lab/set` and `/lab/status/CODE` (each line of the body becomes a
//!   `Set-Cookie`), `POST /lab/clock` (moves the clock by the seconds in the body).

mod account;
mod cart;
mod catalogue;
mod consented;
mod draft;
mod dwr;
mod ended;
mod home;
mod in_force;
mod kept;
mod lab;
mod options;
mod page;
mod raw;
mod refused;
mod routes;
mod sessions;
mod sign_in;
mod store;
mod table;
#[cfg(all(test, feature = "testing"))]
mod tests;
mod transfer;
mod visit;
mod watch;
mod whoami;
mod words;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use tokio::net::TcpListener;
use tower_cookie_policy::TestClock;

use options::Options;
use watch::Watch;

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("portal: {error}");
            return ExitCode::from(2);
        }
    };
    if options.help {
        print!("{}", options::help());
        return ExitCode::SUCCESS;
    }
    if options.print_haproxy && !table::has_keys() {
        eprintln!(
            "portal: --print-haproxy needs the site's keys in COOKIE_KEYS: under a fresh one the lines would match no visitor's label"
        );
        return ExitCode::from(2);
    }
    #[cfg(feature = "tracing")]
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_max_level(tracing::Level::ERROR)
        .init();
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("portal: {}", with_causes(&*error));
            ExitCode::FAILURE
        }
    }
}

/// An error in one line, with what led to it.
fn with_causes(error: &dyn Error) -> String {
    let (mut said, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}

/// Runs the portal until Ctrl-C, and then lets the requests under way finish.
async fn serve(options: Options) -> Result<(), Box<dyn Error>> {
    let clock = options.lab.then(|| TestClock::at(0));
    let (policy, store) = table::policy(&options, clock.as_ref()).await?;
    if options.print_policy {
        print!("{}", policy.to_toml()?);
        return Ok(());
    }
    if options.print_haproxy {
        print!("{}", policy.haproxy_routing()?);
        return Ok(());
    }
    let mut app = routes::routes(&policy, Watch::new(clock.clone()));
    if let Some(clock) = clock {
        app = app.merge(lab::routes(clock));
    }
    let app = routes::harden(app.layer(policy.layer()));
    let upkeep = tokio::spawn(async move { policy.purge(EACH_MINUTE, std::future::pending::<()>()).await });

    let taken =
        |error| format!("{:?}: {error} (`-- --listen 127.0.0.1:0` takes a free port)", options.listen);
    let listener = TcpListener::bind(options.listen.as_slice()).await.map_err(taken)?;
    let address = listener.local_addr()?;
    writeln!(std::io::stdout(), "listening on http://{address}")?;
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without the signal there is no polite end; the process can still be killed.
            std::future::pending::<()>().await;
        }
    };
    axum::serve(listener, app).with_graceful_shutdown(interrupted).await?;
    upkeep.abort();
    store.close().await;
    Ok(())
}

const EACH_MINUTE: Duration = Duration::from_secs(60);
