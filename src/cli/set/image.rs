//! `bowline set image`.

use clap::Args;
use serde_json::Value;

use super::super::change::{Change, Words};
use super::super::global::Global;
use super::super::pairs::Pairs;
use super::super::{CliError, Exit, Talk};
use super::{SetFlags, change_pods, containers, matches, name, no_container};

/// Change the images of containers
///
/// `bowline set image deploy/web nginx=nginx:1.27`, `bowline set image deploy web *=nginx:1.27`.
#[derive(Debug, Args)]
pub(super) struct ImageArgs {
    /// A kind and names, or KIND/NAME; then CONTAINER=IMAGE, * for all containers
    #[arg(required = true, value_name = "KIND NAME... CONTAINER=IMAGE")]
    words: Vec<String>,

    #[command(flatten)]
    flags: SetFlags,
}

pub(super) async fn run(global: &Global, talk: &Talk, args: &ImageArgs) -> Result<Exit, CliError> {
    let (words, pairs) = Pairs::split(&args.words);
    let images = Pairs::parse(pairs)?;
    if let Some(name) = images.remove.first() {
        return Err(CliError::Usage {
            problem: format!("the image of `{name}` cannot be removed"),
            hint: format!("write {name}=IMAGE"),
        });
    }
    let change = Change::open(global, talk, &args.flags.change)?;
    let keys = args.flags.choosing.keys(global, words, change.stored())?;
    let mut command = vec!["set image".to_owned()];
    command.extend(args.words.iter().cloned());
    command.extend(args.flags.choosing.words());
    let (done, same) = ("image updated", "image unchanged");
    let said = Words { command: command.join(" "), done, same };
    change_pods(change, &keys, &said, |key, spec| {
        for (container, image) in &images.set {
            let mut found = false;
            for one in containers(spec).filter(|one| matches(container, name(one))) {
                one["image"] = Value::from(image.as_str());
                found = true;
            }
            if !found {
                return Err(no_container(key, container, spec));
            }
        }
        Ok(())
    })
    .await
}
