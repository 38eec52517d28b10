//! `bowline destroy`: everything of the fleet goes.

use std::collections::BTreeSet;

use clap::Args;

use super::apply::Approval;
use super::carry::{carry_out, converge, looked, or_interrupted, say_ending, show_plan};
use super::context::Context;
use super::global::Global;
use super::{CliError, Exit, Talk};
use crate::controller::is_made;
use crate::driver::Takeover;
use crate::model::Object;

/// Delete every object, and remove all that is the fleet's from every host
#[derive(Debug, Args)]
pub(super) struct DestroyArgs {
    #[command(flatten)]
    approval: Approval,
}

pub(super) async fn run(
    global: &Global,
    talk: &Talk,
    args: &DestroyArgs,
) -> Result<Exit, CliError> {
    let context = Context::open(global, talk)?;
    let command = "destroy".to_owned();
    let converge = converge(global, &context, talk, command, Takeover::Refuse);
    let look = converge.look(|stored, _| {
        // Volumes that were made for claims go after them, by the rules of their class.
        let goes = stored.objects.iter().filter(|(_, stored)| !is_made_volume(&stored.object));
        let all: BTreeSet<_> = goes.map(|(key, _)| key.clone()).collect();
        stored.delete(&all, "destroy")
    });
    let round = looked(talk, look).await?;
    show_plan(talk, &round);
    if !args.approval.auto_approve {
        talk.confirm("Delete all of this, and what bowline set up on the hosts?").await?;
    }
    let ending = carry_out(&converge, round).await?;
    let exit = say_ending(talk, &ending);
    if exit != Exit::Done {
        return Ok(exit);
    }
    let ending = or_interrupted(converge.leave()).await?;
    Ok(say_ending(talk, &ending))
}

fn is_made_volume(object: &Object) -> bool {
    matches!(object, Object::PersistentVolume(volume) if is_made(volume))
}
