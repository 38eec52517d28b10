//! Stories: a script of commands against a simulated fleet, and the transcript that it gives, side by side in `scenarios/`.
//!
//! Write a story as `NAME.txt`, add its name below, and let `UPDATE_GOLDEN=1 cargo test --test it story` write `NAME.golden`;
//! then read that. A line of a story is a command; what is indented under it is a file's content. The commands stand in
//! `story::player`.

mod player;

use std::path::{Path, PathBuf};

use player::Player;

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/scenarios")
}

/// Plays a story and compares what it gives with what is kept of it.
async fn tell(name: &str) {
    let path = directory().join(format!("{name}.txt"));
    let script = std::fs::read_to_string(&path).unwrap();
    let mut player = Player::default();
    for command in commands(&script) {
        player.play(&command).await;
    }
    let told = player.transcript();
    let golden = path.with_extension("golden");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &told).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&golden).unwrap_or_default();
    let differing = kept.lines().zip(told.lines()).position(|(kept, told)| kept != told);
    assert!(
        kept == told,
        "{name} is told in another way from line {} on; if that is right: UPDATE_GOLDEN=1 cargo test --test it\n{told}",
        differing.unwrap_or(kept.lines().count().min(told.lines().count())) + 1,
    );
}

/// A line of a story, with the indented lines under it.
struct Command {
    line: String,
    content: String,
}

fn commands(script: &str) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for line in script.lines() {
        match (line.strip_prefix("    "), commands.last_mut()) {
            (Some(inner), Some(command)) => {
                command.content.push_str(inner);
                command.content.push('\n');
            }
            _ => commands.push(Command { line: line.to_owned(), content: String::new() }),
        }
    }
    commands
}

macro_rules! stories {
    ($($name:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $name() {
                tell(stringify!($name)).await;
            }
        )*

        #[test]
        fn every_story_is_told() {
            let files = std::fs::read_dir(directory()).unwrap();
            for file in files.map(|file| file.unwrap().path()) {
                let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
                assert!([$(stringify!($name)),*].contains(&name.as_str()), "{name} is not told");
            }
        }
    };
}

stories! {
    claims,
    config_change,
    config_in_place,
    failing_pull,
    first_light,
    host_lost,
    image_update,
    killed_container,
    never_ready,
    power_cut,
    prune,
    scale,
    take_over,
    unschedulable,
}
