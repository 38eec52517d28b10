//! What commands work with: the inventory, the connections, the state.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::global::Global;
use super::{CliError, Talk};
use crate::document::Source;
use crate::inventory::{Home, Inventory, parse};
use crate::model::NodeName;
use crate::node::{Ask, ConnectSettings, Trace, TraceWriter, connect_all};
use crate::observe::Nodes;
use crate::state::State;

/// What commands work with.
pub(super) struct Context {
    pub(super) inventory: Inventory,
    pub(super) nodes: Nodes,
    pub(super) state: State,
    /// The hosts that `--limit` chooses; `None` for all.
    pub(super) limit: Option<BTreeSet<NodeName>>,
    /// Who runs this, such as `anna@laptop`.
    pub(super) who: String,
}

impl Context {
    /// Reads the inventory and prepares everything; connects nowhere yet.
    pub(super) fn open(global: &Global, talk: &Talk) -> Result<Self, CliError> {
        let inventory = read_inventory(&global.inventory)?;
        let limit = global.limit.as_deref().map(|pattern| inventory.select(pattern)).transpose()?;
        let trace = global.trace.as_deref().map(open_trace).transpose()?;
        let settings = ConnectSettings {
            agent_socket: std::env::var_os("SSH_AUTH_SOCK").map(Into::into),
            home: home(),
            ask: talk.may_ask().then(|| Arc::new(Passphrases) as Arc<dyn Ask>),
            trace,
            ..ConnectSettings::default()
        };
        let nodes = connect_all(&inventory, settings);
        let state = State::at(&global.state);
        Ok(Self { inventory, nodes, state, limit, who: who() })
    }

    /// The connections to the hosts that `--limit` chooses.
    pub(super) fn limited(&self) -> Nodes {
        let chosen = |name: &NodeName| self.limit.as_ref().is_none_or(|l| l.contains(name));
        let nodes = self.nodes.iter().filter(|(name, _)| chosen(name));
        nodes.map(|(name, node)| (name.clone(), Arc::clone(node))).collect::<BTreeMap<_, _>>()
    }
}

pub(super) fn home() -> Option<std::path::PathBuf> {
    std::env::var_os("HOME").map(Into::into)
}

pub(super) fn read_inventory(path: &Path) -> Result<Inventory, CliError> {
    let text = std::fs::read_to_string(path).map_err(|error| CliError::Read {
        path: path.to_owned(),
        cause: error.to_string(),
        hint:
            "name your inventory with -i FILE or BOWLINE_INVENTORY, or start one with: bowline init"
                .to_owned(),
    })?;
    let name = path.display().to_string();
    let directory = path.parent().unwrap_or_else(|| Path::new("")).to_owned();
    let home = Home { inventory: directory, user: home() };
    parse(&Source::new(name.clone(), text), &home)
        .map_err(|report| CliError::Findings { what: name, report })
}

fn open_trace(path: &Path) -> Result<Arc<dyn Trace>, CliError> {
    let file = std::fs::File::create(path)
        .map_err(|error| CliError::Write { path: path.to_owned(), cause: error.to_string() })?;
    Ok(Arc::new(TraceWriter::new(file)))
}

/// Who runs this: the user and the machine, for the marks on hosts and the history.
fn who() -> String {
    let user = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let user = user.unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()));
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    let text = format!("{user}@{machine}");
    text.chars().filter(|c| !c.is_control()).collect()
}

/// Asks for passphrases at the terminal.
#[derive(Debug)]
struct Passphrases;

impl Ask for Passphrases {
    fn passphrase(&self, key: &Path, attempt: u32) -> Option<String> {
        let again = if attempt > 1 { "That was not it. " } else { "" };
        super::talk::ask_secret(&format!("{again}Passphrase for {}: ", key.display()))
    }
}
