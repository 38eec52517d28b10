//! Both ways between decisions and a host's own tools: a step becomes a script, output becomes observed parts.

mod operation;
mod script;

pub use operation::Operation;
pub use script::{
    Block, BlockOutput, Command, CommandOutput, Effect, Lock, Output, Progress, Script, Stdin,
};
