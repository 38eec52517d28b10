//! `bowline demo`: bowline's own commands on a lab of real hosts, one after the other, each shown before it runs.

use std::path::PathBuf;

use clap::{Args, Parser as _};

use super::context::Context;
use super::{Cli, CliError, Exit, Talk};
use crate::driver::{Effect, container_name};
use crate::model::{NodeName, ObjectKey};
use crate::node::{Call, Streams};
use crate::plan::sandbox_name;
use crate::render::Paint;

/// Raise three real hosts on this machine, apply the examples, break something, watch it heal
///
/// Needs root on Linux. Leaves the lab up, and says what to try next and how to take it down.
#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// The manifests
    #[arg(long, value_name = "PATH", default_value = "examples/hello")]
    manifests: PathBuf,

    /// Where the lab's inventory, keys and state go
    #[arg(long, value_name = "DIR", default_value = ".bowline/lab")]
    dir: PathBuf,
}

/// How often the Service is called: with three pods behind it, one that never answers is then seen (2/3 to the power 30).
const CALLS: usize = 30;

pub(super) async fn run(talk: &Talk, args: &DemoArgs) -> Result<Exit, CliError> {
    let manifests = args.manifests.display().to_string();
    if !args.manifests.exists() {
        return Err(CliError::Usage {
            problem: format!("there are no manifests at {manifests}"),
            hint: "run the demo in a clone of the repository, or name manifests with --manifests"
                .to_owned(),
        });
    }
    let demo = Demo { talk, dir: args.dir.display().to_string() };
    demo.title("Three hosts, each with its own sshd, systemd, podman and nftables");
    demo.bowline(&["lab", "up", "--nodes", "3", "--dir", &demo.dir]).await?;
    demo.title("Plan and apply ordinary Kubernetes manifests");
    demo.bowline(&["apply", "-f", &manifests, "--auto-approve"]).await?;
    demo.bowline(&["get", "pods", "-o", "wide"]).await?;
    demo.title("Every pod answers at its own address, and all of them behind the Service's one");
    demo.call_pods_and_services().await?;
    demo.title("Kill a container, and heal");
    demo.kill_a_container().await?;
    demo.bowline(&["reconcile", "--once"]).await?;
    demo.title("Apply again: nothing to do");
    let trace = format!("{}/trace.jsonl", demo.dir);
    demo.bowline(&["apply", "-f", &manifests, "--auto-approve", "--trace", &trace]).await?;
    demo.count_mutations(&trace)?;
    let program = std::env::current_exe().map(|path| path.display().to_string());
    let program = program.unwrap_or_else(|_| "bowline".to_owned());
    talk.say(&format!(
        "\nThe lab stays up. To go on:\n  alias bowline={program}\n  export BOWLINE_INVENTORY={0}/inventory.yaml BOWLINE_STATE={0}/state.redb\n  \
         bowline get pods -o wide\n  bowline plan -f {manifests}\n  bowline lab ssh node-1\nTo take it down:\n  bowline lab down",
        demo.dir
    ));
    Ok(Exit::Done)
}

struct Demo<'a> {
    talk: &'a Talk,
    dir: String,
}

impl Demo<'_> {
    fn title(&self, text: &str) {
        let text = self.talk.colour().paint(Paint::Strong, text);
        self.talk.data(&format!("\n# {text}\n"));
    }

    fn prompt(&self, text: &str) {
        let text = self.talk.colour().paint(Paint::Faint, format!("$ {text}"));
        self.talk.data(&text);
    }

    /// Runs one of bowline's own commands in this process.
    async fn bowline(&self, words: &[&str]) -> Result<(), CliError> {
        self.prompt(&format!("bowline {}", words.join(" ")));
        let exit = Box::pin(self.cli(words)?.run(self.talk)).await?;
        if exit == Exit::Done {
            return Ok(());
        }
        let what = format!("bowline {} ended with exit code {}", words.join(" "), exit.code());
        Err(CliError::System { what: "the demo stopped".to_owned(), cause: what })
    }

    fn cli(&self, words: &[&str]) -> Result<Cli, CliError> {
        let inventory = format!("--inventory={}/inventory.yaml", self.dir);
        let state = format!("--state={}/state.redb", self.dir);
        let argv = ["bowline", &inventory, &state].into_iter().chain(words.iter().copied());
        Cli::try_parse_from(argv).map_err(|error| CliError::System {
            what: "the demo stopped".to_owned(),
            cause: error.to_string(),
        })
    }

    fn context(&self) -> Result<Context, CliError> {
        Context::open(self.cli(&["plan"])?.global(), self.talk)
    }

    /// Calls every pod and every Service from the first host, and says who answered.
    async fn call_pods_and_services(&self) -> Result<(), CliError> {
        let context = self.context()?;
        let bindings = context.state.load()?.bindings;
        let from = first_node(&context)?;
        for (key, binding) in &bindings.pods {
            let answer = self.curl(&context, &from, &binding.address.to_string()).await?;
            self.talk.data(&format!("{from} -> pod {} at {}: {answer}", key.name, binding.address));
        }
        for (ObjectKey { name, .. }, address) in &bindings.services {
            let mut answers = std::collections::BTreeMap::<String, usize>::new();
            for _ in 0..CALLS {
                let answer = self.curl(&context, &from, &address.to_string()).await?;
                *answers.entry(answer).or_default() += 1;
            }
            self.talk.data(&format!("{from} -> service {name} at {address}, {CALLS} calls:"));
            for (answer, times) in &answers {
                self.talk.data(&format!("  {times:>2} x {answer}"));
            }
        }
        Ok(())
    }

    /// Asks for a page on a host, and returns the line of it that says who answered.
    async fn curl(
        &self,
        context: &Context,
        from: &NodeName,
        address: &str,
    ) -> Result<String, CliError> {
        let url = format!("http://{address}/");
        // A container runs a moment before its server listens.
        let argv = ["curl", "--silent", "--show-error", "--fail", "--max-time", "5"]
            .into_iter()
            .chain(["--retry", "10", "--retry-delay", "1", "--retry-connrefused", &url]);
        let argv: Vec<&str> = argv.collect();
        let page = self.on_host(context, from, &argv, Effect::Reads).await?;
        let line = page.lines().find(|line| line.contains("Answered by")).unwrap_or("no name");
        let text: String = line.replace("<p>", "").replace("</p>", "");
        Ok(text.trim().chars().filter(|c| !c.is_control()).collect())
    }

    /// Kills the first container of the first pod.
    async fn kill_a_container(&self) -> Result<(), CliError> {
        let context = self.context()?;
        let bindings = context.state.load()?.bindings;
        let found = bindings.pods.iter().find_map(|(key, binding)| {
            let container = binding.pod.spec.as_ref()?.containers.first()?;
            let sandbox = sandbox_name(&context.inventory.fleet, key);
            Some((binding.node.clone(), container_name(&sandbox, &container.name)))
        });
        let Some((node, container)) = found else { return Ok(()) };
        let argv = ["podman", "kill", &container];
        self.prompt(&format!("bowline lab ssh {node} -- {}", argv.join(" ")));
        self.on_host(&context, &node, &argv, Effect::Mutates).await?;
        Ok(())
    }

    async fn on_host(
        &self,
        context: &Context,
        node: &NodeName,
        argv: &[&str],
        effect: Effect,
    ) -> Result<String, CliError> {
        let Some(connection) = context.nodes.get(node) else {
            return Err(CliError::NotFound { what: "nodes".to_owned(), name: node.to_string() });
        };
        let argv = argv.iter().map(|word| (*word).to_owned()).collect();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let call = Call { argv, terminal: None, effect };
        let streams = Streams {
            stdin: None,
            stdout: Box::new(&mut stdout),
            stderr: Box::new(&mut stderr),
            resizes: None,
        };
        let exit = connection.stream(call, streams).await;
        let exit = exit.map_err(|error| CliError::Node { host: node.to_string(), error })?;
        if exit == 0 {
            return Ok(String::from_utf8_lossy(&stdout).into_owned());
        }
        let said = String::from_utf8_lossy(&stderr);
        let cause = said.lines().last().unwrap_or("it said nothing").to_owned();
        Err(CliError::System { what: format!("a command failed on {node}"), cause })
    }

    /// Counts the commands that may have changed a host, from the trace.
    fn count_mutations(&self, trace: &str) -> Result<(), CliError> {
        let text = std::fs::read_to_string(trace).map_err(|error| CliError::Read {
            path: trace.into(),
            cause: error.to_string(),
            hint: "the trace is written by --trace".to_owned(),
        })?;
        let mutating = text.lines().filter(|line| line.contains(r#""mutating":true"#)).count();
        let all = text.lines().count();
        self.talk.data(&format!("{all} remote commands, {mutating} of them mutating ({trace})"));
        Ok(())
    }
}

fn first_node(context: &Context) -> Result<NodeName, CliError> {
    let none = || CliError::NotFound { what: "nodes".to_owned(), name: "any".to_owned() };
    context.nodes.keys().next().cloned().ok_or_else(none)
}
