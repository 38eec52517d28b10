//! A connection to a simulated host.

use std::sync::{Arc, Mutex, MutexGuard};

use bowline::driver::{
    Block, BlockOutput, Command, CommandOutput, Effect, Operation, Output, Progress, Script,
};
use bowline::model::NodeName;
use bowline::node::{BoxFuture, Call, Node, NodeError, Pipe, Streams};

use super::fault::Fault;
use super::host::{Contact, SimHost};
use super::podman::{Place, carry_out, half_done};
use super::{World, answers};

/// A connection to a simulated host.
#[derive(Clone)]
pub(crate) struct SimNode {
    name: NodeName,
    world: Arc<Mutex<World>>,
}

impl std::fmt::Debug for SimNode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SimNode").field("name", &self.name).finish_non_exhaustive()
    }
}

type Told<'a> = &'a (dyn Fn(Progress) + Send + Sync);

impl Node for SimNode {
    fn name(&self) -> &NodeName {
        &self.name
    }

    fn run<'a>(
        &'a self,
        script: &'a Script,
        progress: Told<'a>,
    ) -> BoxFuture<'a, Result<Output, NodeError>> {
        Box::pin(async move {
            // Lets the other hosts take their turns, as they would.
            tokio::task::yield_now().await;
            self.contact()?;
            match &script.operation {
                Operation::Ping | Operation::Observe { .. } | Operation::AskTags { .. } => {
                    self.look(script).await
                }
                Operation::Apply { .. } => {
                    let mut run = Run { node: self, script, progress, way: Way::Heard };
                    let output = run.blocks().await?;
                    match run.way {
                        Way::Heard => Ok(output),
                        Way::Unheard => Err(self.lost()),
                        Way::Again => {
                            Run { node: self, script, progress, way: Way::Heard }.blocks().await
                        }
                    }
                }
            }
        })
    }

    fn stream<'a>(
        &'a self,
        _call: Call,
        _streams: Streams<'a>,
    ) -> BoxFuture<'a, Result<i32, NodeError>> {
        Box::pin(async { Err(self.lost()) })
    }

    fn dial(&self, _to: std::net::SocketAddr) -> BoxFuture<'_, Result<Box<dyn Pipe>, NodeError>> {
        Box::pin(async { Err(self.lost()) })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

impl SimNode {
    pub(super) fn new(name: &NodeName, world: &Arc<Mutex<World>>) -> Self {
        Self { name: name.clone(), world: Arc::clone(world) }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    fn address(&self) -> String {
        format!("{}:22", self.world().hosts[&self.name].address)
    }

    fn lost(&self) -> NodeError {
        NodeError::Lost { address: self.address(), cause: "connection reset by peer".to_owned() }
    }

    fn contact(&self) -> Result<(), NodeError> {
        let address = self.address();
        let mut world = self.world();
        let slow = world.hosts[&self.name].slow;
        world.now += slow;
        match world.hosts[&self.name].contact {
            Contact::Up => Ok(()),
            Contact::Off | Contact::Cut => {
                Err(NodeError::Unreachable { address, cause: "timed out".to_owned() })
            }
            Contact::KeyChanged => Err(NodeError::HostKeyChanged {
                address,
                known: "ED25519 SHA256:known".to_owned(),
                offered: "ED25519 SHA256:other".to_owned(),
                place: "known_hosts:1".to_owned(),
                command: "ssh-keygen -R".to_owned(),
            }),
        }
    }

    /// An observation is one moment: it comes back, or it does not.
    async fn look(&self, script: &Script) -> Result<Output, NodeError> {
        let fault = self.world().moment();
        match fault {
            None | Some(Fault::Twice) => {}
            Some(Fault::KilledBefore | Fault::KilledAfter) => self.die().await,
            Some(Fault::PowerCut) => return Err(self.power_cut(|_, _| ())),
            Some(Fault::Fails(_) | Fault::LostBefore | Fault::LostAfter | Fault::LostGoesOn) => {
                return Err(self.lost());
            }
        }
        let mut world = self.world();
        if world.hosts.keys().next() == Some(&self.name) {
            world.show_running();
        }
        let host = &world.hosts[&self.name];
        let answer = |command: &Command| match script.operation {
            Operation::Ping => CommandOutput::default(),
            Operation::Observe { .. } | Operation::AskTags { .. } | Operation::Apply { .. } => {
                answers::answer(host, &command.argv)
            }
        };
        let block = |block: &Block| BlockOutput::Ran(block.commands.iter().map(answer).collect());
        Ok(Output { blocks: script.blocks.iter().map(block).collect() })
    }

    /// The host loses its power when this has been done, and comes back.
    fn power_cut(&self, done: impl FnOnce(&mut World, &mut SimHost)) -> NodeError {
        let mut world = self.world();
        let mut host = world.hosts.remove(&self.name).unwrap();
        done(&mut world, &mut host);
        host.power_off(world.now.as_second());
        host.contact = Contact::Up;
        world.hosts.insert(self.name.clone(), host);
        drop(world);
        self.lost()
    }

    /// Our own process dies: nothing that it waits for ever comes.
    async fn die(&self) {
        self.world().killed.notify_one();
        std::future::pending::<()>().await;
    }
}

/// A script on its way through a host.
struct Run<'a> {
    node: &'a SimNode,
    script: &'a Script,
    progress: Told<'a>,
    way: Way,
}

/// Whether what happens on the host is heard of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It is.
    Heard,
    /// The connection is lost, and the script runs on.
    Unheard,
    /// It is, but the script will be run once more.
    Again,
}

impl Run<'_> {
    async fn blocks(&mut self) -> Result<Output, NodeError> {
        let mut output = Output::default();
        let mut sound: Vec<bool> = Vec::new();
        for (at, block) in self.script.blocks.iter().enumerate() {
            if !block.needs.iter().all(|need| sound[*need]) {
                sound.push(false);
                output.blocks.push(BlockOutput::Skipped);
                continue;
            }
            let ran = self.block(at, block).await?;
            sound.push(block.commands.iter().zip(&ran).all(|(c, answer)| c.succeeded(answer.exit)));
            output.blocks.push(BlockOutput::Ran(ran));
        }
        Ok(output)
    }

    async fn block(&mut self, at: usize, block: &Block) -> Result<Vec<CommandOutput>, NodeError> {
        let mut ran = Vec::new();
        for (command, asked) in block.commands.iter().enumerate() {
            tokio::task::yield_now().await;
            let answer = self.command(at, command).await?;
            let (exit, went_well) = (answer.exit, asked.succeeded(answer.exit));
            let printed = answer.stdout.len();
            ran.push(answer);
            if self.way == Way::Heard {
                (self.progress)(Progress::Ended { block: at, command, exit, printed });
            }
            if !went_well {
                break;
            }
        }
        Ok(ran)
    }

    async fn command(&mut self, block: usize, at: usize) -> Result<CommandOutput, NodeError> {
        let fault = self.node.world().moment();
        match fault {
            None => return Ok(self.act(block, at)),
            Some(Fault::Fails(why)) => return Ok(super::podman::failed(125, why)),
            Some(Fault::PowerCut) => {
                let cut = self.node.power_cut(|world, host| {
                    if let Some(place) = self.place(block, at) {
                        half_done(world, host, &place);
                    }
                });
                return Err(cut);
            }
            Some(Fault::LostBefore) => return Err(self.node.lost()),
            Some(Fault::KilledBefore) => self.node.die().await,
            Some(Fault::LostAfter) => {
                self.act(block, at);
                return Err(self.node.lost());
            }
            Some(Fault::KilledAfter) => {
                self.act(block, at);
                self.node.die().await;
            }
            Some(Fault::LostGoesOn) => self.way = Way::Unheard,
            Some(Fault::Twice) => self.way = Way::Again,
        }
        Ok(self.act(block, at))
    }

    /// The first block is the claim, every other one a step.
    fn place(&self, block: usize, at: usize) -> Option<Place<'_>> {
        let Operation::Apply { steps, .. } = &self.script.operation else { return None };
        let action = &steps[block.checked_sub(1)?].action;
        Some(Place { action, commands: &self.script.blocks[block].commands, at })
    }

    fn act(&self, block: usize, at: usize) -> CommandOutput {
        let Operation::Apply { claim, .. } = &self.script.operation else {
            unreachable!("only steps are run like this")
        };
        let mut world = self.node.world();
        let mut host = world.hosts.remove(&self.node.name).unwrap();
        let commands = &self.script.blocks[block].commands;
        let answer = match self.place(block, at) {
            None => host.claim(claim),
            Some(place) => carry_out(&mut world, &mut host, &place),
        };
        world.hosts.insert(self.node.name.clone(), host);
        world.mutations += u64::from(commands[at].effect == Effect::Mutates);
        world.promises();
        answer
    }
}
