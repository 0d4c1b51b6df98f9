//! The command line.

use std::ffi::OsString;
use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;

use tower_cookie_policy::{Action, Node};

use crate::store::Store;

/// What the command line asks for.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// `--help`: the options, and nothing is served.
    pub(crate) help: bool,
    /// `--listen ADDR`: the addresses that it stands for, the first one that is free is taken.
    pub(crate) listen: Vec<SocketAddr>,
    /// `--node NAME`.
    pub(crate) node: Option<String>,
    /// `--nodes A,B=draining,C=dead`.
    pub(crate) nodes: Vec<Node>,
    /// `--policy FILE.toml`.
    pub(crate) policy: Option<PathBuf>,
    /// `--idle SECONDS`.
    pub(crate) idle: Option<Duration>,
    /// `--absolute SECONDS`.
    pub(crate) absolute: Option<Duration>,
    /// `--action strip|reject|report`.
    pub(crate) action: Option<Action>,
    /// `--adopt SECONDS`.
    pub(crate) adopt: Option<Duration>,
    /// `--receipts FILE`: where decisions on consent are recorded.
    pub(crate) receipts: Option<PathBuf>,
    /// `--store memory|sqlite:PATH|postgres://…|redis://…`.
    pub(crate) store: Store,
    /// `--print-policy`: the policy as TOML, and nothing is served.
    pub(crate) print_policy: bool,
    /// `--print-haproxy`: the lines for a load balancer, and nothing is served.
    pub(crate) print_haproxy: bool,
    /// `--lab`.
    pub(crate) lab: bool,
}

impl Options {
    /// Whether something is printed, and nothing served.
    pub(crate) fn prints(&self) -> bool {
        self.print_policy || self.print_haproxy
    }

    /// Reads the arguments behind the program's name. The last one of a kind counts.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Self, UsageError> {
        let (mut node, mut policy, mut lab, mut print_policy) = (None, None, false, false);
        let (mut nodes, mut print_haproxy) = (Vec::new(), false);
        let (mut idle, mut absolute, mut adopt, mut receipts) = (None, None, None, None);
        let (mut action, mut store) = (None, Store::Memory);
        let mut listen = DEFAULT_LISTEN.to_owned();
        while let Some(option) = arguments.next() {
            let option = option.to_string_lossy();
            let mut value = || arguments.next().ok_or_else(|| UsageError::NoValue(option.to_string()));
            match option.as_ref() {
                "--listen" => listen = text(value()?)?,
                "--node" => node = Some(text(value()?)?),
                "--nodes" => nodes = text(value()?)?.split(',').map(node_of).collect::<Result<_, _>>()?,
                "--policy" => policy = Some(PathBuf::from(value()?)),
                "--receipts" => receipts = Some(PathBuf::from(value()?)),
                "--idle" => idle = Some(seconds(&text(value()?)?)?),
                "--absolute" => absolute = Some(seconds(&text(value()?)?)?),
                "--help" | "-h" => return Ok(Self { help: true, ..Self::default() }),
                "--lab" => lab = true,
                "--print-policy" => print_policy = true,
                "--print-haproxy" => print_haproxy = true,
                "--action" => action = Some(action_of(&text(value()?)?)?),
                "--adopt" => adopt = Some(seconds(&text(value()?)?)?),
                "--store" => store = Store::parse(&text(value()?)?)?,
                _ => return Err(UsageError::Unknown(option.into_owned())),
            }
        }
        let illegal = |_| UsageError::Listen(listen.clone());
        let addresses: Vec<SocketAddr> = listen.to_socket_addrs().map_err(illegal)?.collect();
        if lab && !addresses.iter().all(|address| address.ip().is_loopback()) {
            return Err(UsageError::OpenLab(listen));
        }
        let listen = addresses;
        Ok(Self {
            help: false,
            listen,
            node,
            nodes,
            policy,
            idle,
            absolute,
            action,
            adopt,
            receipts,
            store,
            print_policy,
            print_haproxy,
            lab,
        })
    }
}

/// What `--help` prints.
pub(crate) fn help() -> String {
    let lines = OPTIONS.iter().map(|(option, what)| format!("  {option:<30}{what}\n"));
    format!("cargo run --example portal -- [OPTIONS]\n\n{}\n{KEYS}", lines.collect::<String>())
}

/// A node of the list: its name, and perhaps what visitors find there.
fn node_of(node: &str) -> Result<Node, UsageError> {
    match node.split_once('=') {
        None => Ok(Node::new(node)),
        Some((name, "draining")) => Ok(Node::draining(name)),
        Some((name, "dead")) => Ok(Node::dead(name)),
        Some(_) => Err(UsageError::Node(node.to_owned())),
    }
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

/// A command line that asks for what there is not.
#[derive(Debug)]
pub(crate) enum UsageError {
    Unknown(String),
    NoValue(String),
    NotText(String),
    Seconds(String),
    Listen(String),
    OpenLab(String),
    Action(String),
    Node(String),
    Store(String),
    NotCompiled(&'static str),
    #[cfg(feature = "sqlite")]
    NoPath,
}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(option) => write!(f, "unknown option {option:?} (there are: {})", known()),
            Self::NoValue(option) => write!(f, "option {option:?} needs a value (there are: {})", known()),
            Self::NotText(value) => write!(f, "{value:?} is not Unicode text"),
            Self::Seconds(value) => write!(f, "{value:?} is no whole number of seconds"),
            Self::Listen(address) => {
                write!(f, "{address:?} is no address with a port, such as {DEFAULT_LISTEN}")
            }
            Self::Action(action) => write!(f, "there is no action {action:?}, only strip, reject and report"),
            Self::Node(node) => write!(f, "{node:?} is no NAME, NAME=draining or NAME=dead"),
            Self::Store(store) => {
                write!(f, "there is no store {store:?}, only memory, sqlite:PATH, postgres://… and redis://…")
            }
            Self::NotCompiled(feature) => write!(
                f,
                "the store needs the feature `{feature}`, which this build does not have: \
                 cargo run --features {feature} --example portal -- --store …"
            ),
            #[cfg(feature = "sqlite")]
            Self::NoPath => f.write_str(
                "--store sqlite: wants a path, such as sqlite:sessions.db or sqlite:/var/lib/sessions.db",
            ),
            Self::OpenLab(address) => {
                write!(f, "--lab listens on loopback addresses only, and {address:?} is none")
            }
        }
    }
}

impl std::error::Error for UsageError {}

const DEFAULT_LISTEN: &str = "127.0.0.1:3000";
/// Each option, and what it does.
const OPTIONS: [(&str, &str); 14] = [
    ("--listen ADDR", "serve there; the default is 127.0.0.1:3000, and port 0 takes a free one"),
    ("--action strip|reject|report", "what happens to cookies that do not verify"),
    ("--adopt SECONDS", "let guarded cookies in without their TS cookies for so long"),
    ("--node NAME", "this node's name; the default is web-1"),
    ("--nodes A,B=draining,C=dead", "all nodes of the site; the default is this one alone"),
    (
        "--store STORE",
        "memory, sqlite:PATH, postgres://… or redis://…; all but the first need the feature of that name",
    ),
    ("--idle SECONDS", "how long a session counts without being used"),
    ("--absolute SECONDS", "how long a session counts at most"),
    ("--policy FILE.toml", "the table of this file instead of the portal's own"),
    ("--receipts FILE", "record each decision on consent there, one JSON object a line"),
    ("--lab", "add routes that look behind the scenes, on loopback addresses only"),
    ("--print-policy", "print the policy as TOML, and serve nothing"),
    ("--print-haproxy", "print the lines for HAProxy under the site's keys, and serve nothing"),
    ("--help", "print this"),
];
const KEYS: &str = "Keys come from COOKIE_KEYS: hexadecimal, separated by commas, the first one signs. Else they are fresh ones.\n";

/// The options in one line.
fn known() -> String {
    OPTIONS.map(|(option, _)| option).join(", ")
}
