//! The tables: a row an object, a row a pod. Only rows that differ are written.

use std::collections::BTreeMap;

use jiff::Timestamp;
use redb::{
    ReadTransaction, ReadableTable as _, TableDefinition, TableHandle as _, WriteTransaction,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::TableError;
use super::{Commit, Entry, SCHEMA, Snapshot, form1, sealed};
use crate::bindings::Bindings;
use crate::desired::Desired;
use crate::events::{Events, Happening};
use crate::model::{Generation, NodeName};
use crate::observed::Unreachable;
use crate::secrets::KeyPlace;

/// A table of JSON by JSON.
type Rows = TableDefinition<'static, &'static str, &'static [u8]>;

const META: Rows = TableDefinition::new("meta");
pub(super) const OBJECTS: Rows = TableDefinition::new("objects");
const HOSTS: Rows = TableDefinition::new("hosts");
const PODS: Rows = TableDefinition::new("pods");
const LEAVING: Rows = TableDefinition::new("leaving");
const YIELDING: Rows = TableDefinition::new("yielding");
const EVICTING: Rows = TableDefinition::new("evicting");
const NODES: Rows = TableDefinition::new("nodes");
const SERVICES: Rows = TableDefinition::new("services");
const NAMED: Rows = TableDefinition::new("named");
const UNREACHABLE: Rows = TableDefinition::new("unreachable");
const EVENTS: Rows = TableDefinition::new("events");
const HISTORY: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("history");

/// Reads everything but the history.
pub(super) fn read(read: &ReadTransaction, key: &KeyPlace) -> Result<Snapshot, TableError> {
    let there: Vec<String> =
        read.list_tables().map_err(TableError::from)?.map(|t| t.name().to_owned()).collect();
    if there.is_empty() {
        return Ok(Snapshot::default());
    }
    if !there.iter().any(|name| name == META.name()) {
        return Err(TableError::Damaged("it is a redb file, but not one of bowline's".to_owned()));
    }
    let meta = read.open_table(META)?;
    let schema: u32 = one(&meta, "schema")?.unwrap_or(0);
    let desired = match schema {
        // Form 2 had the same tables, with Secrets in clear.
        SCHEMA | 2 => Desired {
            objects: sealed::objects(all(read, OBJECTS)?, key)?,
            hosts: all(read, HOSTS)?,
        },
        form1::FORM => form1::read(read)?,
        other => return Err(TableError::Schema(other)),
    };
    Ok(Snapshot {
        holder: one(&meta, "holder")?.unwrap_or_default(),
        generation: one(&meta, "generation")?.unwrap_or_default(),
        desired,
        bindings: Bindings {
            pods: all(read, PODS)?,
            leaving: all(read, LEAVING)?,
            yielding: all(read, YIELDING)?,
            evicting: all(read, EVICTING)?,
            nodes: all(read, NODES)?,
            services: all(read, SERVICES)?,
            named: all(read, NAMED)?,
        },
        unreachable: all(read, UNREACHABLE)?,
    })
}

/// Writes what a commit says, after checking its parent; returns the holder's id.
pub(super) fn write(
    write: &WriteTransaction,
    commit: &Commit<'_>,
    key: &KeyPlace,
) -> Result<String, TableError> {
    let holder = {
        let mut meta = write.open_table(META)?;
        let found: Generation = one(&meta, "generation")?.unwrap_or_default();
        if found != commit.parent {
            return Err(TableError::Stale { parent: commit.parent, found });
        }
        let holder: String = one(&meta, "holder")?.unwrap_or_else(new_holder);
        for (key, value) in [
            ("schema", serde_json::to_vec(&SCHEMA)?),
            ("holder", serde_json::to_vec(&holder)?),
            ("generation", serde_json::to_vec(&commit.generation)?),
        ] {
            meta.insert(key, value.as_slice())?;
        }
        holder
    };
    let Bindings { pods, leaving, yielding, evicting, nodes, services, named } = commit.bindings;
    replace(write, OBJECTS, &sealed::rows(&commit.desired.objects, key)?)?;
    replace(write, HOSTS, &commit.desired.hosts)?;
    replace(write, PODS, pods)?;
    replace(write, LEAVING, leaving)?;
    replace(write, YIELDING, yielding)?;
    replace(write, EVICTING, evicting)?;
    replace(write, NODES, nodes)?;
    replace(write, SERVICES, services)?;
    replace(write, NAMED, named)?;
    if let Some(entry) = commit.entry {
        let row = serde_json::to_vec(entry)?;
        write.open_table(HISTORY)?.insert(commit.generation.0, row.as_slice())?;
    }
    Ok(holder)
}

/// Remembers which hosts did not answer.
pub(super) fn remember(
    write: &WriteTransaction,
    unreachable: &BTreeMap<NodeName, Unreachable>,
) -> Result<(), TableError> {
    replace(write, UNREACHABLE, unreachable)
}

/// Adds what has happened now to the events.
pub(super) fn tell(
    write: &WriteTransaction,
    happenings: Vec<Happening>,
    now: Timestamp,
) -> Result<(), TableError> {
    let mut events = Events::default();
    for row in write.open_table(EVENTS)?.iter()? {
        let (id, event) = row?;
        events.0.insert(serde_json::from_str(id.value())?, serde_json::from_slice(event.value())?);
    }
    events.add(happenings, now);
    replace(write, EVENTS, &events.0)
}

/// What is remembered of what happened.
pub(super) fn events(read: &ReadTransaction) -> Result<Events, TableError> {
    all(read, EVENTS).map(Events)
}

/// The history, oldest first.
pub(super) fn history(read: &ReadTransaction) -> Result<Vec<(Generation, Entry)>, TableError> {
    let table = match read.open_table(HISTORY) {
        Ok(table) => table,
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut entries = Vec::new();
    for row in table.iter()? {
        let (generation, entry) = row?;
        entries.push((Generation(generation.value()), serde_json::from_slice(entry.value())?));
    }
    Ok(entries)
}

fn one<T: DeserializeOwned>(
    table: &impl redb::ReadableTable<&'static str, &'static [u8]>,
    key: &str,
) -> Result<Option<T>, TableError> {
    let row = table.get(key)?;
    Ok(row.map(|row| serde_json::from_slice(row.value())).transpose()?)
}

pub(super) fn all<K, V>(read: &ReadTransaction, rows: Rows) -> Result<BTreeMap<K, V>, TableError>
where
    K: DeserializeOwned + Ord,
    V: DeserializeOwned,
{
    let table = match read.open_table(rows) {
        Ok(table) => table,
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(BTreeMap::new()),
        Err(error) => return Err(error.into()),
    };
    let mut all = BTreeMap::new();
    for row in table.iter()? {
        let (key, value) = row?;
        all.insert(serde_json::from_str(key.value())?, serde_json::from_slice(value.value())?);
    }
    Ok(all)
}

/// Makes a table hold exactly these rows, touching only those that differ.
fn replace<K: Serialize, V: Serialize>(
    write: &WriteTransaction,
    rows: Rows,
    wanted: &BTreeMap<K, V>,
) -> Result<(), TableError> {
    let mut left = BTreeMap::new();
    for (key, value) in wanted {
        left.insert(serde_json::to_string(key)?, serde_json::to_vec(value)?);
    }
    let mut table = write.open_table(rows)?;
    let mut gone = Vec::new();
    for row in table.iter()? {
        let (key, value) = row?;
        match left.get(key.value()) {
            Some(same) if same.as_slice() == value.value() => {
                left.remove(key.value());
            }
            Some(_) => {}
            None => gone.push(key.value().to_owned()),
        }
    }
    for key in gone {
        table.remove(key.as_str())?;
    }
    for (key, value) in left {
        table.insert(key.as_str(), value.as_slice())?;
    }
    Ok(())
}

/// An id that no other state file has: 128 random bits, in hex.
fn new_holder() -> String {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    // RandomState is seeded by the system; two of them are independent.
    let half = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", half(), half())
}
