//! The nodes of the site and their labels, worked out once.
//!
//! - A label is made from the node's name under a key of the policy. Those under the first key are issued; those under the
//!   others are known too, for as long as the ring has them.
//! - Labels are not compared in constant time: who asks about one has had it from this server, since a MAC spoke for it.

use super::{BuildError, CookiePolicy, CookieSpec, Role};
use crate::mac::MacKey;
use crate::report::RefusalReason;
use crate::value::node::{Node, NodeState};
use crate::wire;

/// The nodes of the site, each with its labels.
pub(crate) struct Nodes {
    listed: Vec<Node>,
    /// The place of the node that this is.
    own: usize,
    /// Those of the first node, one under each key, then those of the next.
    labels: Vec<String>,
    /// The places of the labels, by what they say.
    sorted: Vec<usize>,
    keys: usize,
}

impl Nodes {
    /// The nodes of a list that has `own`, under these keys, of which the first one signs.
    pub(super) fn new(own: &str, listed: Vec<Node>, keys: &[MacKey]) -> Result<Self, BuildError> {
        let label = |node: &Node, key: &MacKey| wire::text(&key.tag(&[node.name().as_bytes()])[..LABEL]);
        let labels = listed.iter().flat_map(|node| keys.iter().map(move |key| label(node, key))).collect();
        Self::labelled(own, listed, labels, keys.len())
    }

    fn labelled(own: &str, listed: Vec<Node>, labels: Vec<String>, keys: usize) -> Result<Self, BuildError> {
        let mut sorted: Vec<usize> = (0..labels.len()).collect();
        sorted.sort_unstable_by_key(|&at| &labels[at]);
        if let Some(same) = sorted.array_windows().find(|[one, other]| labels[*one] == labels[*other]) {
            let [one, other] = same.map(|at| listed[at / keys].name().to_owned());
            return Err(BuildError::SameLabel { one, other });
        }
        let own = listed.iter().position(|node| node.name() == own).unwrap_or_default();
        Ok(Self { listed, own, labels, sorted, keys })
    }

    /// The node of this label.
    pub(crate) fn find(&self, label: &[u8]) -> Option<&Node> {
        self.place(label).map(|at| &self.listed[at / self.keys])
    }

    /// Whether the label is one of our own that is not issued any more, or why nobody can be routed by it.
    pub(crate) fn judge(&self, label: &[u8]) -> Result<bool, RefusalReason> {
        let at = self.place(label).ok_or(RefusalReason::Unknown)?;
        match self.listed[at / self.keys].state() {
            NodeState::Dead => Err(RefusalReason::Dead),
            NodeState::Live | NodeState::Draining => Ok(at / self.keys == self.own && at % self.keys > 0),
        }
    }

    /// The label that this node issues.
    pub(crate) fn own_label(&self) -> &str {
        &self.labels[self.own * self.keys]
    }

    /// Each node with its labels, the one under the first key first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Node, &[String])> {
        self.listed.iter().zip(self.labels.chunks(self.keys))
    }

    /// The place of this label.
    fn place(&self, label: &[u8]) -> Option<usize> {
        let found = self.sorted.binary_search_by(|&at| self.labels[at].as_bytes().cmp(label));
        found.ok().map(|at| self.sorted[at])
    }
}

impl CookiePolicy {
    /// The label of the node of this name: what the cookie of the role [`Node`](super::Role::Node) says of visitors who are routed to
    /// it. `None` if the policy does not list the node, or has no row for that cookie.
    ///
    /// It is the label under the first key. Where a key is being rolled there are others besides:
    /// [`haproxy_routing`](Self::haproxy_routing) has them all.
    #[must_use]
    pub fn node_label(&self, name: &str) -> Option<String> {
        let (_, nodes) = self.nodes()?;
        let (_, labels) = nodes.iter().find(|(node, _)| node.name() == name)?;
        labels.first().cloned()
    }

    /// The row of the node's label, and the nodes, where there is such a row.
    pub(crate) fn nodes(&self) -> Option<(&CookieSpec, &Nodes)> {
        self.row_of(Role::Node).zip(self.0.nodes.as_ref())
    }
}

/// The longest list. A load balancer's configuration has a line for each.
pub(super) const MOST: usize = 1000;
/// How many bytes of the tag a label has.
const LABEL: usize = 8;

#[cfg(test)]
mod tests {
    use super::{Node, Nodes};
    use crate::key::{Key, KeyRing};
    use crate::policy::BuildError;
    use crate::report::RefusalReason;

    fn ring(firsts: &[u8]) -> KeyRing {
        let key = |first: u8| {
            let bytes: [u8; 32] = std::array::from_fn(|at| first + u8::try_from(at).unwrap());
            Key::from_bytes(&bytes).unwrap()
        };
        let ring = KeyRing::new(key(firsts[0]));
        firsts[1..].iter().fold(ring, |ring, &first| ring.accepting(key(first)).unwrap())
    }

    fn nodes(firsts: &[u8], policy: &str, own: &str, listed: &[Node]) -> Nodes {
        Nodes::new(own, listed.to_vec(), &ring(firsts).node_keys(policy)).map_err(drop).unwrap()
    }

    /// Computed by another implementation of HMAC and HKDF (CPython's `hmac` and `hashlib`).
    #[test]
    fn known_answers() {
        let long = "n".repeat(255);
        for (first, policy, name, label) in [
            (0, "broadcloud", "web-1", "JeKrPlkEubY"),
            (0, "broadcloud", "web-2", "Nd2cE9nWT6g"),
            (0, "broadcloud", "web-3", "BQ8BXETtvVY"),
            (32, "broadcloud", "web-1", "TaLJCoRKOrU"),
            (32, "broadcloud", "web-2", "t3RZChFhqCA"),
            (0, "shop", "web-1", "lh9ozwBIcHk"),
            (0, "broadcloud", &long, "FQAeI5wDcgk"),
            (0, "broadcloud", "Knoten \u{e4}", "IlzM5ot_tE4"),
            (0, "broadcloud", "node-90", "-lqFt9Y_W50"),
        ] {
            assert_eq!(nodes(&[first], policy, name, &[name.into()]).own_label(), label, "{name}");
        }
    }

    #[test]
    fn labels_under_every_key_are_known_and_the_first_one_is_issued() {
        let listed = [Node::new("web-1"), Node::draining("web-2"), Node::dead("web-3")];
        let nodes = nodes(&[32, 0], "broadcloud", "web-1", &listed);
        assert_eq!(nodes.own_label(), "TaLJCoRKOrU");
        for (label, node, judged) in [
            ("TaLJCoRKOrU", Some("web-1"), Ok(false)),
            ("JeKrPlkEubY", Some("web-1"), Ok(true)),
            ("t3RZChFhqCA", Some("web-2"), Ok(false)),
            ("Nd2cE9nWT6g", Some("web-2"), Ok(false)),
            ("BQ8BXETtvVY", Some("web-3"), Err(RefusalReason::Dead)),
            // One bit beyond what 8 bytes take, another case, one character more and less, none.
            ("JeKrPlkEubZ", None, Err(RefusalReason::Unknown)),
            ("jeKrPlkEubY", None, Err(RefusalReason::Unknown)),
            ("JeKrPlkEubY=", None, Err(RefusalReason::Unknown)),
            ("JeKrPlkEub", None, Err(RefusalReason::Unknown)),
            ("", None, Err(RefusalReason::Unknown)),
        ] {
            assert_eq!(nodes.find(label.as_bytes()).map(Node::name), node, "{label}");
            assert_eq!(nodes.judge(label.as_bytes()), judged, "{label}");
        }
        let all: Vec<_> = nodes.iter().map(|(node, labels)| (node.name(), labels.len())).collect();
        assert_eq!(all, [("web-1", 2), ("web-2", 2), ("web-3", 2)]);
    }

    #[test]
    fn many_nodes_are_told_apart() {
        let listed: Vec<Node> = (0..1000).map(|at| format!("web-{at}").into()).collect();
        let nodes = nodes(&[0, 32], "broadcloud", "web-999", &listed);
        for (node, labels) in nodes.iter() {
            for label in labels {
                assert_eq!(nodes.find(label.as_bytes()), Some(node));
            }
        }
    }

    #[test]
    fn two_nodes_of_one_label_are_quoted() {
        let listed = ["a", "b", "c"].map(Node::new).to_vec();
        let labels = ["1", "2", "3", "4", "5", "2"].map(str::to_owned).to_vec();
        let error = Nodes::labelled("a", listed, labels, 2).err();
        assert_eq!(error, Some(BuildError::SameLabel { one: "a".into(), other: "c".into() }));
    }
}
