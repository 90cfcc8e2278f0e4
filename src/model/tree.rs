//! The hops of several targets as a tree: what chains begin with alike is one hop, assumed once.

use super::request::{Hop, Target};

/// Nodes by number; a parent comes before its children. The first is the source's own identity, which no hop leads to.
#[derive(Debug)]
pub(crate) struct Tree<'t> {
    nodes: Vec<Node<'t>>,
}

#[derive(Debug)]
struct Node<'t> {
    hop: Option<&'t Hop>,
    children: Vec<usize>,
    /// The targets, by number, whose chains end here.
    targets: Vec<usize>,
}

/// The node of the source's own identity.
pub(crate) const ROOT: usize = 0;

impl<'t> Tree<'t> {
    pub(crate) fn of(targets: &'t [Target]) -> Self {
        let mut tree = Self { nodes: Vec::new() };
        tree.add(None);
        for (number, target) in targets.iter().enumerate() {
            let end = target
                .hops
                .iter()
                .fold(ROOT, |parent, hop| tree.below(parent, hop));
            if let Some(node) = tree.nodes.get_mut(end) {
                node.targets.push(number);
            }
        }
        tree
    }

    /// How many hops have to be assumed.
    pub(crate) fn hops(&self) -> usize {
        self.nodes.len() - 1
    }

    pub(crate) fn hop(&self, node: usize) -> Option<&'t Hop> {
        self.nodes.get(node)?.hop
    }

    pub(crate) fn children(&self, node: usize) -> &[usize] {
        self.nodes.get(node).map_or(&[], |node| &node.children)
    }

    /// The targets whose result this node's session is.
    pub(crate) fn ends(&self, node: usize) -> &[usize] {
        self.nodes.get(node).map_or(&[], |node| &node.targets)
    }

    /// Every target that needs this node, in their order.
    pub(crate) fn need(&self, node: usize) -> Vec<usize> {
        let mut found = self.ends(node).to_vec();
        for child in self.children(node) {
            found.extend(self.need(*child));
        }
        found.sort_unstable();
        found
    }

    fn below(&mut self, parent: usize, hop: &'t Hop) -> usize {
        let same = |child: &&usize| self.hop(**child) == Some(hop);
        if let Some(child) = self.children(parent).iter().find(same) {
            return *child;
        }
        let child = self.add(Some(hop));
        if let Some(node) = self.nodes.get_mut(parent) {
            node.children.push(child);
        }
        child
    }

    fn add(&mut self, hop: Option<&'t Hop>) -> usize {
        self.nodes.push(Node {
            hop,
            children: Vec::new(),
            targets: Vec::new(),
        });
        self.nodes.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::super::request::{EnvironmentPlace, Place};
    use super::super::{SessionDuration, session::SessionName};
    use super::*;

    fn target(roles: &str) -> Target {
        let hop = |name: &str| Hop {
            role: name.parse().expect("a role's name"),
            session: SessionName::of_nobody(),
            duration: SessionDuration::LEAST,
            external_id: None,
            source_identity: None,
            mfa: None,
            policy: None,
            policy_arns: Vec::new(),
            tags: Vec::new(),
            transitive_tag_keys: Vec::new(),
        };
        Target {
            hops: roles.split_whitespace().map(hop).collect(),
            place: Place {
                environment: EnvironmentPlace::Nothing,
                outputs: false,
                profile: None,
                profile_will_do: false,
            },
            main: false,
        }
    }

    #[test]
    fn what_chains_begin_with_alike_is_one_node() {
        for (chains, hops) in [
            (&["a", "b"][..], 2),
            (&["hub a", "hub b", "hub c"], 4),
            (&["hub a", "hub a"], 2),
            (&["hub mid a", "hub mid b", "hub c", "x mid a"], 8),
            (&["hub", "hub a"], 2),
            (&["", "a"], 1),
            (&[], 0),
        ] {
            let targets: Vec<Target> = chains.iter().map(|chain| target(chain)).collect();
            assert_eq!(Tree::of(&targets).hops(), hops, "{chains:?}");
        }
    }

    #[test]
    fn another_session_is_another_hop() {
        let mut targets = vec![target("hub a"), target("hub b")];
        targets[1].hops[0].duration = SessionDuration::DEFAULT;
        assert_eq!(Tree::of(&targets).hops(), 4);
    }

    #[test]
    fn a_node_knows_who_needs_it() {
        let targets = ["hub a", "x", "hub b", "hub"].map(target);
        let tree = Tree::of(&targets);
        let hub = tree.children(ROOT)[0];
        assert_eq!(tree.need(hub), [0, 2, 3]);
        assert_eq!(tree.ends(hub), [3]);
        assert_eq!(tree.need(ROOT), [0, 1, 2, 3]);
    }
}
