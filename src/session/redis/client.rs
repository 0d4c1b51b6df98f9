//! The store's own way to a server: what an address says, and for how long anything is waited for.

use std::time::Duration;

use redis::aio::ConnectionManagerConfig;
use redis::io::tcp::{TcpSettings, socket2::TcpKeepalive};
use redis::{Client, IntoConnectionInfo, ProtocolVersion, RedisError};

/// The server that an address names, and how it is spoken to.
pub(super) fn at(url: &str) -> Result<Client, RedisError> {
    let info = url.into_connection_info()?;
    // By RESP3 the manager hears that a connection was closed while nobody used it, and has another one by the time that
    // somebody does. RESP2 is for whoever asks for it.
    let asks_for_protocol = url.split_once('?').is_some_and(|(_, query)| query.contains("protocol="));
    let settings = info.redis_settings().clone();
    let protocol = if asks_for_protocol { settings.protocol() } else { ProtocolVersion::RESP3 };
    Client::open(info.set_redis_settings(settings.set_protocol(protocol)).set_tcp_settings(tcp()))
}

/// How long its connection waits, and that it does not try again.
pub(super) fn patience() -> ConnectionManagerConfig {
    ConnectionManagerConfig::new()
        .set_connection_timeout(Some(CONNECTION_TIMEOUT))
        .set_response_timeout(Some(RESPONSE_TIMEOUT))
        // Whoever is next tries again; so an outage is an error at once, and is over as soon as the server is back.
        .set_number_of_retries(0)
}

fn tcp() -> TcpSettings {
    // Without `nodelay`, as the driver has it: steps that are asked at once go in one packet, which a busy server answers sooner.
    let settings = TcpSettings::default().set_keepalive(TcpKeepalive::new().with_time(IDLE_TIME));
    #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
    let settings = settings.set_user_timeout(UNACKNOWLEDGED_TIMEOUT);
    settings
}

/// The longest that a connection may take to be there.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(1);
/// The longest that an answer may take.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(1900);
/// How long a connection is still before the system asks whether the other end is there.
const IDLE_TIME: Duration = Duration::from_secs(15);
/// The longest that the other end may be silent when it was sent something.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
const UNACKNOWLEDGED_TIMEOUT: Duration = Duration::from_secs(5);
