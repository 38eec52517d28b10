//! The state file, written and read back.

use super::*;
use crate::desired::{Application, Prune, SetName};
use crate::model::Object;
use serde_json::json;

fn desired() -> Desired {
    let json = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": "default"}, "data": {"k": "v"}});
    let objects = [Object::try_from(json).unwrap().into()];
    let fleet = "test".into();
    let set = SetName("a".into());
    let (prune, now) = (Prune::Left, Timestamp::UNIX_EPOCH);
    let source = Application { fleet: &fleet, set, objects: &objects, prune, now };
    Desired::default().apply(&source).0
}

fn commit<'a>(parent: u64, desired: &'a Desired, bindings: &'a Bindings) -> Commit<'a> {
    let (parent, generation) = (Generation(parent), Generation(parent + 1));
    Commit { parent, generation, desired, bindings, entry: None }
}

#[test]
fn what_was_committed_is_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let state = State::at(directory.path().join("deep/state.redb"));
    assert_eq!(state.load().unwrap(), Snapshot::default());
    let (desired, bindings) = (desired(), Bindings::default());
    let holder = state.commit(&commit(0, &desired, &bindings)).unwrap();
    let snapshot = state.load().unwrap();
    assert_eq!(snapshot.desired, desired);
    assert_eq!((snapshot.generation, &snapshot.holder), (Generation(1), &holder));
    let again = state.commit(&commit(1, &Desired::default(), &bindings)).unwrap();
    assert_eq!(holder, again);
    assert!(state.load().unwrap().desired.objects.is_empty());
}

#[test]
fn only_its_owner_reads_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let state = State::at(directory.path().join("state.redb"));
    state.commit(&commit(0, &desired(), &Bindings::default())).unwrap();
    assert_eq!(state.path().metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_second_commit_from_one_parent_is_stale() {
    let directory = tempfile::tempdir().unwrap();
    let state = State::at(directory.path().join("state.redb"));
    let (desired, bindings) = (desired(), Bindings::default());
    state.commit(&commit(0, &desired, &bindings)).unwrap();
    let error = state.commit(&commit(0, &desired, &bindings)).unwrap_err();
    insta::assert_snapshot!(error, @"the plan is stale: it was made from generation 0, and the state is at 1");
}

#[test]
fn a_file_cut_short_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.redb");
    let state = State::at(&path);
    state.commit(&commit(0, &desired(), &Bindings::default())).unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in [0, 100, 5000, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let error = state.load().unwrap_err();
        assert!(matches!(error, StateError::Damaged { .. }), "{length}: {error}");
        assert_eq!(std::fs::metadata(&path).unwrap().len(), length as u64);
    }
    std::fs::write(&path, b"some text of somebody's".repeat(400)).unwrap();
    assert!(matches!(state.load().unwrap_err(), StateError::Damaged { .. }));
}

#[test]
fn two_processes_take_turns() {
    let directory = tempfile::tempdir().unwrap();
    let state = State::at(directory.path().join("state.redb"));
    state.commit(&commit(0, &desired(), &Bindings::default())).unwrap();
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let state = state.clone();
            std::thread::spawn(move || (0..5).all(|_| state.load().is_ok()))
        })
        .collect();
    assert!(readers.into_iter().all(|reader| reader.join().unwrap()));
}

/// A file as form 1 wrote it, when objects were replaced as a whole and writes were not counted.
fn of_form_1(path: &Path) {
    let rows: redb::TableDefinition<'_, &str, &[u8]> = redb::TableDefinition::new("meta");
    let objects: redb::TableDefinition<'_, &str, &[u8]> = redb::TableDefinition::new("objects");
    let metadata = json!({"name": "c", "namespace": "default", "uid": "u", "generation": 3,
        "creationTimestamp": "2026-01-02T03:04:05Z"});
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"k": "v", "old": "v"}});
    let row = serde_json::to_vec(&json!({"object": object, "set": "a"})).unwrap();
    let key = serde_json::to_string(&crate::model::ObjectKey::new("ConfigMap", "default", "c"));
    let write = Database::create(path).unwrap().begin_write().unwrap();
    {
        let mut table = write.open_table(rows).unwrap();
        for (key, value) in [("schema", "1"), ("holder", "\"abc\""), ("generation", "7")] {
            table.insert(key, value.as_bytes()).unwrap();
        }
        write.open_table(objects).unwrap().insert(key.unwrap().as_str(), row.as_slice()).unwrap();
    }
    write.commit().unwrap();
}

#[test]
fn a_file_of_form_1_is_read_and_goes_on_in_todays() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.redb");
    of_form_1(&path);
    let state = State::at(&path);
    let before = state.load().unwrap();
    assert_eq!((before.generation, before.holder.as_str()), (Generation(7), "abc"));
    let stored = before.desired.objects.values().next().unwrap();
    let metadata = stored.object.metadata();
    assert_eq!(metadata.uid.as_deref(), Some("u"));
    assert_eq!(metadata.resource_version.as_deref(), Some("1"));
    assert_eq!(metadata.generation, None, "ConfigMaps have none");

    // What left the manifest since then goes, as it would have.
    let (next, _) = before.desired.apply(&Application {
        fleet: &"test".into(),
        set: SetName("a".into()),
        objects: &desired()
            .objects
            .values()
            .map(|stored| stored.object.clone().into())
            .collect::<Vec<_>>(),
        prune: Prune::Left,
        now: Timestamp::UNIX_EPOCH,
    });
    let merged = next.objects.values().next().unwrap();
    assert_eq!(merged.object.to_json()["data"], json!({"k": "v"}));
    assert_eq!(merged.object.metadata().uid.as_deref(), Some("u"));

    state.commit(&commit(7, &next, &Bindings::default())).unwrap();
    assert_eq!(state.load().unwrap().desired, next);
    let database = Database::create(&path).unwrap();
    let table: redb::TableDefinition<'_, &str, &[u8]> = redb::TableDefinition::new("meta");
    let meta = database.begin_read().unwrap().open_table(table).unwrap();
    assert_eq!(meta.get("schema").unwrap().unwrap().value(), b"3");
}

#[test]
fn a_file_of_a_later_form_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.redb");
    let write = Database::create(&path).unwrap().begin_write().unwrap();
    let rows: redb::TableDefinition<'_, &str, &[u8]> = redb::TableDefinition::new("meta");
    write.open_table(rows).unwrap().insert("schema", b"4".as_slice()).unwrap();
    write.commit().unwrap();
    let error = State::at(&path).load().unwrap_err();
    assert!(matches!(error, StateError::Schema { found: 4, known: 3, .. }), "{error}");
}

/// A set of one Secret, whose value is `hunter2` (`aHVudGVyMg==`).
fn secret() -> Desired {
    let json = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {"name": "s", "namespace": "default"}, "data": {"k": "aHVudGVyMg=="}});
    let objects = [Object::try_from(json).unwrap().into()];
    let fleet = "test".into();
    let set = SetName("a".into());
    let (prune, now) = (Prune::Left, Timestamp::UNIX_EPOCH);
    Desired::default().apply(&Application { fleet: &fleet, set, objects: &objects, prune, now }).0
}

#[test]
fn secrets_are_sealed_in_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let state = State::at(directory.path().join("state.redb"));
    let (desired, bindings) = (secret(), Bindings::default());
    state.commit(&commit(0, &desired, &bindings)).unwrap();
    let file = std::fs::read(state.path()).unwrap();
    let holds = |text: &[u8]| file.windows(text.len()).any(|part| part == text);
    assert!(holds(b"objects"), "the search finds what is there");
    for clear in ["hunter2", "aHVudGVyMg"] {
        assert!(!holds(clear.as_bytes()), "{clear} is in the file");
    }
    assert_eq!(state.load().unwrap().desired, desired);

    std::fs::remove_file(directory.path().join("state.redb.key")).unwrap();
    let error = state.load().unwrap_err();
    let text = error.to_string().replace(&directory.path().display().to_string(), "DIR");
    insta::assert_snapshot!(text, @"the state file holds Secrets, and their key is not at DIR/state.redb.key");
}

#[test]
fn a_state_without_secrets_makes_no_key() {
    let directory = tempfile::tempdir().unwrap();
    let state = State::at(directory.path().join("state.redb"));
    state.commit(&commit(0, &desired(), &Bindings::default())).unwrap();
    assert!(!directory.path().join("state.redb.key").exists());
}

#[test]
fn a_file_of_form_2_has_secrets_in_clear_and_is_read() {
    let name = crate::model::ObjectKey::new("Secret", "default", "s");
    let desired = secret();
    let row = serde_json::to_value(&desired.objects[&name]).unwrap();
    let nowhere = KeyPlace::beside(Path::new("/nonexistent/state.redb"));
    let read = sealed::objects(BTreeMap::from([(name, row)]), &nowhere).unwrap();
    assert_eq!(read, desired.objects);
}

#[test]
fn what_happened_is_remembered_and_counted() {
    let directory = tempfile::tempdir().unwrap();
    let state = State::at(directory.path().join("state.redb"));
    assert!(state.events().unwrap().is_empty());
    let failed = Happening {
        object: crate::model::ObjectKey::new("Pod", "default", "web"),
        node: "node-1".into(),
        severity: crate::events::Severity::Warning,
        reason: crate::events::Reason::Failed,
        message: "Failed to pull image \"a\": not found".to_owned(),
        trouble: None,
    };
    state.commit(&commit(0, &desired(), &Bindings::default())).unwrap();
    state.tell(vec![failed.clone()], Timestamp::UNIX_EPOCH).unwrap();
    state.tell(vec![failed.clone()], Timestamp::UNIX_EPOCH).unwrap();
    let events = state.events().unwrap();
    assert_eq!((events.len(), events[0].count, &events[0].what), (1, 2, &failed));
    assert_eq!(state.load().unwrap().generation, Generation(1), "nothing else has changed");
}
