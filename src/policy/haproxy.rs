//! What HAProxy needs to know so that visitors go to the node that their cookie names.

use std::error::Error;
use std::fmt::{self, Write};

use super::CookiePolicy;
use crate::value::node::NodeState;

impl CookiePolicy {
    /// The lines of a HAProxy backend that route by the node's label, where its servers are named as the nodes are.
    ///
    /// There is a line for each node that is live or draining, with its labels under every key of the ring. HAProxy passes over a
    /// line whose server is down, so whoever is not routed by one of them is balanced as usual: visitors without the cookie, with
    /// one of a dead or an unknown node, or with one that is no label. Labels are no secrets: each visitor has the one of a node.
    ///
    /// The lines change with the list of nodes and with the keys; the guide *behind a load balancer* says in which order.
    ///
    /// ```
    /// use tower_cookie_policy::{CookiePolicy, KeyRing, Node};
    ///
    /// let policy = CookiePolicy::broadcloud(KeyRing::generate()?)
    ///     .node("web-1")
    ///     .nodes([Node::new("web-1"), Node::draining("web-2"), Node::dead("web-3")])
    ///     .build()?;
    /// let lines = policy.haproxy_routing()?;
    /// let label = policy.node_label("web-2").unwrap();
    /// assert!(lines.ends_with(&format!("use-server web-2 if {{ req.cook(bsloc) -m str -- {label} }}\n")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`RoutingError`] if the policy has no such cookie, or HAProxy could not say its name or a node's.
    pub fn haproxy_routing(&self) -> Result<String, RoutingError> {
        let (row, nodes) = self.nodes().ok_or(RoutingError::NoRow)?;
        let cookie = row.name().literal();
        if !cookie.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')) {
            return Err(RoutingError::IllegalCookie { name: cookie.to_owned() });
        }
        let mut lines = format!(
            "# Visitors go to the server that their cookie {cookie} names. All others are balanced as usual: those without it, and those\n\
             # whose server is unknown, dead or down.\n"
        );
        for (node, labels) in nodes.iter().filter(|(node, _)| node.state() != NodeState::Dead) {
            let name = node.name();
            let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'-');
            if !name.bytes().all(legal) {
                return Err(RoutingError::IllegalServer { node: name.to_owned() });
            }
            for labels in labels.chunks(MOST_LABELS) {
                // A label may begin with a hyphen, so what is no flag stands behind `--`.
                let labels = labels.join(" ");
                let _ = writeln!(lines, "use-server {name} if {{ req.cook({cookie}) -m str -- {labels} }}");
            }
        }
        Ok(lines)
    }
}

/// A line of HAProxy's has at most 64 words.
const MOST_LABELS: usize = 32;

/// Why there are no lines for HAProxy. Each sentence quotes what it is about.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the fields are what the sentences above them name")]
pub enum RoutingError {
    /// The table has no row for the node's label.
    NoRow,
    /// A name of the cookie that has other characters than letters, digits, `_`, `.` and `-`.
    IllegalCookie { name: String },
    /// A node's name that is no server's: letters, digits, `_`, `.`, `:` and `-`.
    IllegalServer { node: String },
}

impl fmt::Display for RoutingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRow => f.write_str(
                "the table has no row for the node: declare a guarded one with `.role(Role::Node)`, and say `.node(\"web-1\")`",
            ),
            Self::IllegalCookie { name } => {
                write!(f, "cookie {name:?}: in HAProxy's lines it has letters, digits, `_`, `.` and `-`")
            }
            Self::IllegalServer { node } => {
                write!(f, "node {node:?}: HAProxy's servers are named by letters, digits, `_`, `.`, `:` and `-`")
            }
        }
    }
}

/// The sentence, since that is what a `main` that returns this error prints.
impl fmt::Debug for RoutingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Error for RoutingError {}
