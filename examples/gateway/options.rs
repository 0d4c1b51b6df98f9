//! The command line.

use std::ffi::OsString;
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use http::Uri;
use http::uri::{Authority, Scheme};
use tower_cookie_policy::Action;

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Options {
    /// `--listen ADDR`: the addresses that it stands for, the first one that is free is taken.
    pub(crate) listen: Vec<SocketAddr>,
    /// `--backend [LABEL=]URL` and `--drain [LABEL=]URL`, in order.
    pub(crate) backends: Vec<Backend>,
    /// `--policy FILE.toml`.
    pub(crate) policy: Option<PathBuf>,
    /// `--action strip|reject|report`.
    pub(crate) action: Option<Action>,
    /// `--max-idle SECONDS`.
    pub(crate) max_idle: Duration,
    /// `--max-life SECONDS`.
    pub(crate) max_life: Duration,
    /// `--timeout SECONDS`: how long a back end may take for the head of its response, the request's body included.
    pub(crate) timeout: Duration,
    /// `--probe SECONDS`: how long after a failed connection the next one is tried.
    pub(crate) probe: Duration,
    /// `--danger-allow-http`.
    pub(crate) danger_allow_http: bool,
}

/// A back end on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Backend {
    pub(crate) label: String,
    pub(crate) authority: Authority,
    pub(crate) drains: bool,
}

impl Options {
    /// Reads the arguments behind the program's name. The last one of a kind counts, back ends apart.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, UsageError> {
        let mut listen = DEFAULT_LISTEN.to_owned();
        let mut options = Self {
            listen: Vec::new(),
            backends: Vec::new(),
            policy: None,
            action: None,
            max_idle: Duration::ZERO,
            max_life: Duration::ZERO,
            timeout: Duration::from_secs(60),
            probe: Duration::from_secs(5),
            danger_allow_http: false,
        };
        while let Some(option) = arguments.next() {
            let option = option.to_string_lossy();
            let mut value = || arguments.next().ok_or_else(|| UsageError::NoValue(option.to_string()));
            match option.as_ref() {
                "--listen" => listen = text(value()?)?,
                "--backend" => options.add(&text(value()?)?, false)?,
                "--drain" => options.add(&text(value()?)?, true)?,
                "--policy" => options.policy = Some(PathBuf::from(value()?)),
                "--action" => options.action = Some(action_of(&text(value()?)?)?),
                "--max-idle" => options.max_idle = seconds(&text(value()?)?)?,
                "--max-life" => options.max_life = seconds(&text(value()?)?)?,
                "--timeout" => options.timeout = some_seconds(&option, &text(value()?)?)?,
                "--probe" => options.probe = some_seconds(&option, &text(value()?)?)?,
                "--danger-allow-http" => options.danger_allow_http = true,
                _ => return Err(UsageError::Unknown(option.into_owned())),
            }
        }
        if options.backends.is_empty() {
            return Err(UsageError::NoBackend);
        }
        let illegal = |_| UsageError::Listen(listen.clone());
        options.listen = listen.to_socket_addrs().map_err(illegal)?.collect();
        Ok(options)
    }

    /// Adds a back end, whose label is its place if it has none of its own.
    fn add(&mut self, value: &str, drains: bool) -> Result<(), UsageError> {
        let (label, url) = match value.split_once('=') {
            Some((label, url)) if !label.contains(':') => (label.to_owned(), url),
            _ => (format!("n{}", self.backends.len() + 1), value),
        };
        let authority = authority_of(url).ok_or_else(|| UsageError::Backend(value.to_owned()))?;
        if self.backends.iter().any(|other| other.label == label) {
            return Err(UsageError::SameLabel(label));
        }
        self.backends.push(Backend { label, authority, drains });
        Ok(())
    }
}

/// Host and port of `http://host:port`, and nothing else.
fn authority_of(url: &str) -> Option<Authority> {
    let uri: Uri = url.parse().ok()?;
    let bare = uri.path() == "/" && uri.query().is_none() && uri.scheme() == Some(&Scheme::HTTP);
    uri.authority().filter(|authority| bare && !authority.as_str().contains('@')).cloned()
}

fn action_of(action: &str) -> Result<Action, UsageError> {
    match action {
        "strip" => Ok(Action::Strip),
        "reject" => Ok(Action::Reject),
        "report" => Ok(Action::Report),
        _ => Err(UsageError::Action(action.to_owned())),
    }
}

fn text(value: OsString) -> Result<String, UsageError> {
    value.into_string().map_err(|value| UsageError::NotText(value.to_string_lossy().into_owned()))
}

fn seconds(value: &str) -> Result<Duration, UsageError> {
    let seconds = value.parse().map_err(|_| UsageError::Seconds(value.to_owned()))?;
    Ok(Duration::from_secs(seconds))
}

/// Where none would be no limit but no time at all.
fn some_seconds(option: &str, value: &str) -> Result<Duration, UsageError> {
    match seconds(value)? {
        Duration::ZERO => Err(UsageError::NoTime(option.to_owned())),
        some => Ok(some),
    }
}

/// A command line that asks for what there is not.
#[derive(Debug)]
pub(crate) enum UsageError {
    Unknown(String),
    NoValue(String),
    NotText(String),
    Seconds(String),
    NoTime(String),
    Listen(String),
    Action(String),
    NoBackend,
    Backend(String),
    SameLabel(String),
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(option) => write!(f, "unknown option {option:?} (there are: {KNOWN})"),
            Self::NoValue(option) => write!(f, "option {option:?} needs a value (there are: {KNOWN})"),
            Self::NotText(value) => write!(f, "{value:?} is not Unicode text"),
            Self::Seconds(value) => write!(f, "{value:?} is no whole number of seconds"),
            Self::NoTime(option) => write!(f, "option {option:?} needs at least one second"),
            Self::Listen(address) => {
                write!(f, "{address:?} is no address with a port, such as {DEFAULT_LISTEN}")
            }
            Self::Action(action) => write!(f, "there is no action {action:?}, only strip, reject and report"),
            Self::NoBackend => f.write_str("there is no back end: say `--backend http://127.0.0.1:8080`"),
            Self::Backend(url) => write!(
                f,
                "{url:?} is no back end: one is `http://host:port`, perhaps with a label before it, `n1=http://host:port`"
            ),
            Self::SameLabel(label) => write!(f, "two back ends have the label {label:?}"),
        }
    }
}

impl std::error::Error for UsageError {}

const DEFAULT_LISTEN: &str = "127.0.0.1:3000";
const KNOWN: &str = "--listen ADDR, --backend [LABEL=]URL, --drain [LABEL=]URL, --policy FILE.toml, \
     --action strip|reject|report, --max-idle SECONDS, --max-life SECONDS, --timeout SECONDS, --probe SECONDS, \
     --danger-allow-http";
