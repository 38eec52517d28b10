//! The mark on a host that keeps runs from undoing each other: who changed it last, at which generation, how often.
//!
//! Checked and changed by one command under the host's lock. A claim names the count of changes that the plan was made from;
//! when the host has moved on since, nothing is done.

use std::fmt;

use jiff::Timestamp;

use super::script::{Block, Command};
use crate::model::Generation;
use crate::observed::Fence;

/// Where everything of ours that is no container is kept on a host.
pub const HOST_DIRECTORY: &str = "/var/lib/bowline";

/// The mark's file.
pub(super) const FENCE_FILE: &str = "/var/lib/bowline/fence";

/// The claim's exit code when the host moved on since it was observed.
pub const EXIT_MOVED: i32 = 74;

/// The claim's exit code when somebody else holds the host, or a later generation was there.
pub const EXIT_HELD: i32 = 73;

/// What a run says before it changes a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The generation that is being carried out.
    pub generation: Generation,
    /// The state file that it comes from.
    pub holder: String,
    /// Who runs it, such as `anna@laptop`; one line.
    pub who: String,
    /// When.
    pub now: Timestamp,
    /// How often the host had been changed when it was observed.
    pub serial: u64,
    /// Whether a host that another state file holds is taken.
    pub takeover: Takeover,
}

/// Whether a host that another state file holds is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takeover {
    /// It is refused.
    Refuse,
    /// It is taken: the user said so.
    Take,
}

/// The mark's file is one line: generation, serial, holder, since, who. Arguments: serial, generation, holder, now,
/// refuse|take, who.
const CLAIM: &str = r#"
set -u
file=/var/lib/bowline/fence
generation=0 serial=0 holder=- since=$4 who=-
if [ -e "$file" ]; then read -r generation serial holder since who < "$file" || exit 1; fi
held() { printf '%s %s %s %s %s\n' "$generation" "$serial" "$holder" "$since" "$who"; exit "$1"; }
[ "$serial" -eq "$1" ] || held 74
if [ "$holder" != "$3" ]; then
  if [ "$holder" != - ] && [ "$5" = refuse ]; then held 73; fi
  since=$4 generation=0
fi
[ "$generation" -le "$2" ] || held 73
mkdir -p "${file%/*}" &&
printf '%s %s %s %s %s\n' "$2" "$((serial + 1))" "$3" "$since" "$6" > "$file.new" &&
mv -f "$file.new" "$file"
"#;

/// The block that claims a host; every other block of the script needs it.
pub(super) fn claim_block(claim: &Claim) -> Block {
    let takeover = match claim.takeover {
        Takeover::Refuse => "refuse",
        Takeover::Take => "take",
    };
    let command = Command::mutates([
        "sh".to_owned(),
        "-c".to_owned(),
        CLAIM.to_owned(),
        "claim".to_owned(),
        claim.serial.to_string(),
        claim.generation.to_string(),
        claim.holder.clone(),
        claim.now.to_string(),
        takeover.to_owned(),
        claim.who.clone(),
    ]);
    Block { title: "claim the host".to_owned(), needs: Vec::new(), commands: vec![command] }
}

/// Reads the mark's line; `None` when it is not one.
pub fn parse_fence(text: &str) -> Option<Fence> {
    let mut words = text.lines().next()?.splitn(5, ' ');
    let mut word = || words.next();
    Some(Fence {
        generation: Generation(word()?.parse().ok()?),
        serial: word()?.parse().ok()?,
        holder: word()?.to_owned(),
        since: word()?.parse().ok()?,
        who: word()?.to_owned(),
    })
}

/// The mark as its file has it.
impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { generation, serial, holder, who, since } = self;
        writeln!(f, "{generation} {serial} {holder} {since} {who}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_reads_back() {
        let fence = Fence {
            generation: Generation(7),
            serial: 3,
            holder: "abc".into(),
            who: "anna on her laptop".into(),
            since: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(parse_fence(&fence.to_string()), Some(fence));
        assert_eq!(parse_fence("nonsense"), None);
    }
}
