//! `bsloc`: which node of the site a session is routed to.
//!
//! - On the wire a node is an opaque label of 8 bytes in base64url, made from its name under the policy's keys: it tells nothing
//!   of the site, and nobody can make one up.
//! - Which labels there are is the policy's to say (`policy/nodes.rs`).

use std::fmt;
use std::sync::Arc;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

/// A node of the site: one of the instances that sessions are routed to.
///
/// The nodes of a site are listed with [`CookiePolicyBuilder::nodes`](crate::CookiePolicyBuilder::nodes). A handler learns by
/// [`Cookies::node`](crate::Cookies::node) to which of them the visitor's cookie `bsloc` leads; with axum `Option<Node>` is an
/// extractor that does the same.
///
/// In documents a live node is its name, and others say their state:
/// `nodes = ["web-1", { name = "web-2", state = "draining" }]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Node {
    name: Arc<str>,
    state: NodeState,
}

/// What visitors find at a node, or at a balancer's [`Target`](crate::sticky::Target).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NodeState {
    /// It takes everybody.
    #[default]
    Live,
    /// It keeps those that it has. That no others come is the load balancer's to see to.
    Draining,
    /// It is gone: who was there is routed anew.
    Dead,
}

impl Node {
    /// A live node.
    pub fn new(name: impl Into<String>) -> Self {
        Self::of(name.into(), NodeState::Live)
    }

    /// A node that keeps the visitors it has.
    pub fn draining(name: impl Into<String>) -> Self {
        Self::of(name.into(), NodeState::Draining)
    }

    /// A node that is gone.
    pub fn dead(name: impl Into<String>) -> Self {
        Self::of(name.into(), NodeState::Dead)
    }

    /// Its name, as the policy lists it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What visitors find there, as the policy lists it.
    #[must_use]
    pub fn state(&self) -> NodeState {
        self.state
    }

    fn of(name: String, state: NodeState) -> Self {
        Self { name: name.into(), state }
    }
}

impl From<&str> for Node {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for Node {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

/// A node as documents have it that say its state.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    name: String,
    #[serde(default)]
    state: NodeState,
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.state {
            NodeState::Live => serializer.serialize_str(&self.name),
            state => Stated { name: self.name.as_ref().to_owned(), state }.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

/// Reads both forms, so that what is wrong with one is said, and not that it is neither.
struct Written;

impl<'de> Visitor<'de> for Written {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node's name, or a table of its `name` and `state`")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Node, E> {
        Ok(Node::new(name))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Node, A::Error> {
        let Stated { name, state } = Stated::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Node::of(name, state))
    }
}

pub(super) fn has_shape(value: &[u8]) -> bool {
    super::is_base64url(value, 11)
}

#[cfg(test)]
mod tests {
    use super::{Node, NodeState};

    #[test]
    fn a_name_alone_is_a_live_node() {
        for node in [Node::new("web-1"), Node::from("web-1"), Node::from("web-1".to_owned())] {
            assert_eq!((node.name(), node.state()), ("web-1", NodeState::Live));
        }
        assert_eq!(Node::draining("a").state(), NodeState::Draining);
        assert_eq!(Node::dead("a").state(), NodeState::Dead);
    }

    #[test]
    fn both_forms_are_read_and_the_shorter_one_is_written() {
        for (text, node, written) in [
            (r#""web-1""#, Node::new("web-1"), r#""web-1""#),
            (r#"{"name":"web-1"}"#, Node::new("web-1"), r#""web-1""#),
            (r#"{"state":"live","name":"web-1"}"#, Node::new("web-1"), r#""web-1""#),
            (r#"{"name":"b","state":"draining"}"#, Node::draining("b"), r#"{"name":"b","state":"draining"}"#),
            (r#"{"name":"c","state":"dead"}"#, Node::dead("c"), r#"{"name":"c","state":"dead"}"#),
        ] {
            assert_eq!(serde_json::from_str::<Node>(text).unwrap(), node, "{text}");
            assert_eq!(serde_json::to_string(&node).unwrap(), written);
        }
        for (wrong, said) in [
            ("1", "a node's name, or a table"),
            ("[]", "a node's name, or a table"),
            ("{}", "missing field `name`"),
            (r#"{"name":"a","state":"idle"}"#, "unknown variant `idle`"),
            (r#"{"name":"a","weight":1}"#, "unknown field `weight`"),
        ] {
            let error = serde_json::from_str::<Node>(wrong).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
