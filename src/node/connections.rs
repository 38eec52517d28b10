//! The nodes of an inventory, and work on all of them at once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

use super::keyring::Keyring;
use super::local::LocalNode;
use super::shared::Shared;
use super::shell::Locking;
use super::ssh::SshNode;
use super::{Ask, Limits, Node, Trace};
use crate::driver::HOST_DIRECTORY;
use crate::inventory::{Connection, Inventory};
use crate::model::NodeName;

/// How nodes are connected to, where the inventory does not say it for each host.
pub struct ConnectSettings {
    /// The socket of the SSH agent.
    pub agent_socket: Option<PathBuf>,
    /// The user's home directory, for `~` in paths, the usual keys and the usual known_hosts file.
    pub home: Option<PathBuf>,
    /// Time limits and bounds. For hosts over SSH, the inventory's own limits to connect and for a command go before these.
    pub limits: Limits,
    /// The longest that a script waits for a host's lock.
    pub lock_wait: Duration,
    /// Who is asked for passphrases.
    pub ask: Option<Arc<dyn Ask>>,
    /// Who hears of every command.
    pub trace: Option<Arc<dyn Trace>>,
}

impl Default for ConnectSettings {
    fn default() -> Self {
        Self {
            agent_socket: None,
            home: None,
            limits: Limits::default(),
            lock_wait: Duration::from_secs(30),
            ask: None,
            trace: None,
        }
    }
}

/// A node for each host of an inventory. Nothing is connected before it is used.
pub fn connect_all(
    inventory: &Inventory,
    settings: ConnectSettings,
) -> BTreeMap<NodeName, Arc<dyn Node>> {
    let ConnectSettings { agent_socket, home, limits, lock_wait, ask, trace } = settings;
    let shared = Arc::new(Shared {
        limits,
        locking: Locking { wait: lock_wait, directory: HOST_DIRECTORY.to_owned() },
        agent_socket,
        home,
        keyring: Keyring::new(ask),
        trace,
        known_hosts: Mutex::default(),
    });
    let node = |name: &NodeName, connection: &Connection| -> Arc<dyn Node> {
        let (name, shared) = (name.clone(), Arc::clone(&shared));
        match connection {
            Connection::Ssh(settings) => Arc::new(SshNode::new(name, settings.clone(), shared)),
            Connection::Local(privilege) => Arc::new(LocalNode::new(name, *privilege, shared)),
        }
    };
    let hosts = inventory.hosts.iter();
    hosts.map(|(name, host)| (name.clone(), node(name, &host.connection))).collect()
}

/// Does the same on every node, at most `parallel` at a time, and returns what came of each.
///
/// One node's failure is its value and stops no other. Dropping the future ends all work.
///
/// # Panics
/// When the work on a node panics.
pub async fn for_each_host<T, F, W>(
    nodes: &BTreeMap<NodeName, Arc<dyn Node>>,
    parallel: usize,
    work: F,
) -> BTreeMap<NodeName, T>
where
    F: Fn(Arc<dyn Node>) -> W,
    W: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let turns = Arc::new(Semaphore::new(parallel.max(1)));
    let mut tasks = JoinSet::new();
    for (name, node) in nodes {
        let (name, turns, work) = (name.clone(), Arc::clone(&turns), work(Arc::clone(node)));
        tasks.spawn(async move {
            let _turn = turns.acquire_owned().await;
            (name, work.await)
        });
    }
    tasks.join_all().await.into_iter().collect()
}
