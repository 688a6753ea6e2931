//! The host application: all nodes of a site, messages and time in, effects out.

use std::collections::BTreeMap;

use siskin_model::{Text, Timestamp};

use super::member::{Member, Stamped};
use super::node::Node;
use super::topic::{self, Topic};
use super::{payload, words};
use crate::slot::Refusal;

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// An analyzer was heard.
    Heard {
        /// Its place in the list given to [`Host::new`].
        member: usize,
        /// What it said; empty where a message could not be read.
        readings: Vec<Stamped>,
        /// What was not taken.
        refused: Vec<Refusal>,
    },
    /// An analyzer is gone: its channels say so until it is heard again.
    Lost {
        /// Its place.
        member: usize,
        /// Why.
        why: Text,
    },
    /// Something was left aside that says nothing about the air.
    Aside {
        /// Whose.
        member: usize,
        /// Why.
        why: Text,
    },
    /// A node is to be asked for its births, see [`topic::rebirth`].
    Rebirth {
        /// Its group.
        group: String,
        /// Its name.
        node: String,
    },
}

/// All nodes.
#[derive(Debug)]
pub struct Host {
    nodes: BTreeMap<(String, String), Node>,
}

impl Host {
    /// A host for `members`, which effects name by their places.
    pub fn new(members: Vec<Member>) -> Self {
        let mut nodes: BTreeMap<_, Node> = BTreeMap::new();
        for (place, member) in members.into_iter().enumerate() {
            let id = (member.group.clone(), member.node.clone());
            let node = nodes.entry(id).or_insert_with_key(|(group, name)| Node::new(group, name));
            node.add(place, member);
        }
        Self { nodes }
    }

    /// What to subscribe to.
    pub fn filters(&self) -> Vec<String> {
        self.nodes.keys().flat_map(|(group, node)| topic::filters(group, node)).collect()
    }

    /// The broker was connected, with no memory of us.
    pub fn connected(&mut self, now: Timestamp) -> Vec<Effect> {
        let mut out = Vec::new();
        for node in self.nodes.values_mut() {
            node.connected(now, &mut out);
        }
        out
    }

    /// A message on any topic. Retained ones are of any age and never taken.
    pub fn take(
        &mut self,
        topic: &str,
        bytes: &[u8],
        retained: bool,
        now: Timestamp,
    ) -> Vec<Effect> {
        let mut out = Vec::new();
        let Some(Topic { group, node, device, kind }) = Topic::parse(topic) else { return out };
        let Some(node) = self.nodes.get_mut(&(group.to_owned(), node.to_owned())) else {
            return out;
        };
        if retained {
            node.aside(device, &words::retained(), &mut out);
            return out;
        }
        match payload::decode(bytes) {
            Ok(payload) => node.take(kind, device, payload, now, &mut out),
            // Its place in the order is missing from now on, which is noticed by the next one.
            Err(reason) => node.aside(device, &reason, &mut out),
        }
        out
    }

    /// What time brings; to be called a few times a second.
    pub fn tick(&mut self, now: Timestamp) -> Vec<Effect> {
        let mut out = Vec::new();
        for node in self.nodes.values_mut() {
            node.tick(now, &mut out);
        }
        out
    }
}

#[cfg(test)]
mod tests;
