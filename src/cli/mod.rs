//! The commands: a file each. Here is their list and what all of them share on the command line.

#![expect(
    clippy::disallowed_methods,
    reason = "commands read files, the environment and the terminal"
)]

use clap::{Parser, Subcommand};

mod api_resources;
mod apply;
mod attach;
mod carry;
mod change;
mod choose;
mod completions;
mod context;
mod copy;
mod create;
mod debug;
mod delete;
mod demo;
mod describe;
mod destroy;
mod diff;
mod edit;
mod error;
mod events;
mod exec;
mod exit;
mod explain;
mod get;
mod given;
mod global;
mod hear;
mod history;
mod hosts;
mod images;
mod init;
mod inventory;
mod kustomize;
mod lab;
mod label;
mod lint;
mod logs;
mod look;
mod manifests;
mod pairs;
mod patch;
mod plan;
mod planfile;
mod port_forward;
mod progress;
mod reading;
mod reconcile;
mod replace;
mod scale;
mod session;
mod set;
mod simulate;
mod talk;
mod target;
mod terminal;
mod top;
mod version;
mod wait;
mod what;

pub use error::CliError;
pub use exit::Exit;
pub use global::Global;
pub use talk::Talk;

/// Kubernetes without the cluster: plan and apply ordinary manifests on hosts over SSH
#[derive(Debug, Parser)]
#[command(name = "bowline", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitArgs),
    Lint(lint::LintArgs),
    Plan(plan::PlanArgs),
    Simulate(simulate::SimulateArgs),
    Apply(apply::ApplyArgs),
    Reconcile(reconcile::ReconcileArgs),
    Destroy(destroy::DestroyArgs),
    Diff(diff::DiffArgs),
    Create(create::CreateArgs),
    Replace(replace::ReplaceArgs),
    Edit(edit::EditArgs),
    Patch(patch::PatchArgs),
    Scale(scale::ScaleArgs),
    Set(set::SetArgs),
    Label(label::LabelArgs),
    Annotate(label::AnnotateArgs),
    Cordon(hosts::cordon::CordonArgs),
    Uncordon(hosts::cordon::UncordonArgs),
    Drain(hosts::drain::DrainArgs),
    Taint(hosts::taint::TaintArgs),
    Delete(delete::DeleteArgs),
    Describe(describe::DescribeArgs),
    Get(get::GetArgs),
    Logs(logs::LogsArgs),
    Exec(exec::ExecArgs),
    Attach(attach::AttachArgs),
    PortForward(port_forward::PortForwardArgs),
    Top(top::TopArgs),
    Wait(wait::WaitArgs),
    Events(events::EventsArgs),
    Images(images::ImagesArgs),
    Cp(copy::CopyArgs),
    Debug(debug::DebugArgs),
    Explain(explain::ExplainArgs),
    ApiResources(api_resources::ApiResourcesArgs),
    History(history::HistoryArgs),
    Inventory(inventory::InventoryArgs),
    Kustomize(kustomize::KustomizeArgs),
    Demo(demo::DemoArgs),
    Lab(lab::LabArgs),
    Completions(completions::CompletionsArgs),
    Version(version::VersionArgs),
}

impl Cli {
    /// The language that the user is spoken to in: how loud, in which colours.
    pub fn talk(&self) -> Talk {
        Talk::new(&self.global)
    }

    /// The flags that every command has.
    pub(crate) fn global(&self) -> &Global {
        &self.global
    }

    /// Runs the command.
    pub async fn run(self, talk: &Talk) -> Result<Exit, CliError> {
        let global = &self.global;
        match self.command {
            Command::Init(args) => init::run(talk, &args),
            Command::Lint(args) => lint::run(global, talk, &args),
            Command::Plan(args) => plan::run(global, talk, &args).await,
            Command::Simulate(args) => simulate::run(global, talk, &args).await,
            Command::Apply(args) => apply::run(global, talk, &args).await,
            Command::Reconcile(args) => reconcile::run(global, talk, &args).await,
            Command::Destroy(args) => destroy::run(global, talk, &args).await,
            Command::Diff(args) => diff::run(global, talk, &args),
            Command::Create(args) => create::run(global, talk, &args).await,
            Command::Replace(args) => replace::run(global, talk, &args).await,
            Command::Edit(args) => edit::run(global, talk, &args).await,
            Command::Patch(args) => patch::run(global, talk, &args).await,
            Command::Scale(args) => scale::run(global, talk, &args).await,
            Command::Set(args) => set::run(global, talk, &args).await,
            Command::Label(args) => label::label(global, talk, &args).await,
            Command::Annotate(args) => label::annotate(global, talk, &args).await,
            Command::Cordon(args) => hosts::cordon::cordon(global, talk, &args).await,
            Command::Uncordon(args) => hosts::cordon::uncordon(global, talk, &args).await,
            Command::Drain(args) => hosts::drain::run(global, talk, &args).await,
            Command::Taint(args) => hosts::taint::run(global, talk, &args).await,
            Command::Delete(args) => delete::run(global, talk, &args).await,
            Command::Describe(args) => describe::run(global, talk, &args).await,
            Command::Get(args) => get::run(global, talk, &args).await,
            Command::Logs(args) => logs::run(global, talk, &args).await,
            Command::Exec(args) => exec::run(global, talk, &args).await,
            Command::Attach(args) => attach::run(global, talk, &args).await,
            Command::PortForward(args) => port_forward::run(global, talk, &args).await,
            Command::Top(args) => top::run(global, talk, &args).await,
            Command::Wait(args) => wait::run(global, talk, &args).await,
            Command::Events(args) => events::run(global, talk, &args).await,
            Command::Images(args) => images::run(global, talk, &args).await,
            Command::Cp(args) => copy::run(global, talk, &args).await,
            Command::Debug(args) => debug::run(global, talk, &args).await,
            Command::Explain(args) => explain::run(talk, &args),
            Command::ApiResources(args) => Ok(api_resources::run(talk, &args)),
            Command::History(args) => history::run(global, talk, &args),
            Command::Inventory(args) => inventory::run(global, talk, &args).await,
            Command::Kustomize(args) => kustomize::run(talk, &args),
            Command::Lab(args) => lab::run(args, &mut std::io::stdout(), &mut std::io::stderr())
                .map(Exit::remote)
                .map_err(CliError::from),
            Command::Demo(args) => demo::run(talk, &args).await,
            Command::Version(_) => Ok(version::run(talk)),
            Command::Completions(args) => Ok(completions::run(talk, &args)),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
