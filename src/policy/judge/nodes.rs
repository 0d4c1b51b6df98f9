//! What makes a list of nodes impossible.

use std::collections::HashSet;

use crate::policy::BuildError;
use crate::policy::document::Document;
use crate::policy::name::LONGEST;
use crate::policy::nodes::MOST;
use crate::value::node::{Node, NodeState};

/// What is wrong with the own node and with the list of them all.
pub(super) fn list(policy: &Document) -> Result<(), BuildError> {
    let (own, listed) = (policy.node.as_deref(), policy.nodes.as_slice());
    let names = own.into_iter().chain(listed.iter().map(Node::name));
    if let Some(node) = names.into_iter().find(|name| !(1..=LONGEST).contains(&name.len())) {
        return Err(BuildError::IllegalNode { node: node.to_owned() });
    }
    if listed.len() > MOST {
        return Err(BuildError::ManyNodes { nodes: listed.len() });
    }
    let mut seen = HashSet::new();
    if let Some(node) = listed.iter().find(|node| !seen.insert(node.name())) {
        return Err(BuildError::DuplicateNode { node: node.name().to_owned() });
    }
    // Without a list the own node is all that there is.
    let Some(own) = own.filter(|_| !listed.is_empty()) else { return Ok(()) };
    let node = || own.to_owned();
    match listed.iter().find(|node| node.name() == own).map(Node::state) {
        None => Err(BuildError::UnlistedNode { node: node(), listed: quoted(listed) }),
        Some(NodeState::Dead) => Err(BuildError::DeadNode { node: node() }),
        Some(NodeState::Live | NodeState::Draining) => Ok(()),
    }
}

/// The names of the first of them.
pub(super) fn quoted(listed: &[Node]) -> Vec<String> {
    listed.iter().take(QUOTED).map(|node| node.name().to_owned()).collect()
}

/// Enough to see what list it is.
const QUOTED: usize = 8;
