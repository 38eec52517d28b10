//! What a host has beside processors and memory that pods can ask for: huge pages, and room on its disk.

use std::collections::BTreeMap;

use super::files::Files;
use super::script::Command;

/// How many huge pages of each size there are.
pub(super) const HUGE_PAGES: &str = "/sys/kernel/mm/hugepages";

/// Where pods' own files are.
const DISK: &str = "/var/lib";

/// Asks how much the disk holds: the size of a block and how many there are.
pub(super) fn disk() -> Command {
    Command::reads(["stat", "-f", "-c", "%S %b", DISK]).accepting(1)
}

/// Reads the amounts, of which `disk` is what [`disk`] printed.
pub(super) fn amounts(files: Files<'_>, disk: &str) -> BTreeMap<String, u64> {
    let pages = files.within(HUGE_PAGES).filter_map(|(path, line)| {
        let (directory, file) = path.split_once('/')?;
        let kib: u64 = directory.strip_prefix("hugepages-")?.strip_suffix("kB")?.parse().ok()?;
        let count: u64 = (file == "nr_hugepages").then(|| line.trim().parse().ok())??;
        Some((format!("hugepages-{}", size(kib)), count.saturating_mul(kib.saturating_mul(1024))))
    });
    let mut words = disk.split_whitespace().map(str::parse::<u64>);
    let room = match (words.next(), words.next()) {
        (Some(Ok(block)), Some(Ok(count))) => Some(block.saturating_mul(count)),
        _ => None,
    };
    let room = room.map(|bytes| ("ephemeral-storage".to_owned(), bytes));
    pages.chain(room).collect()
}

/// The size of a page as Kubernetes writes it.
fn size(kib: u64) -> String {
    let units = ["Ki", "Mi", "Gi"];
    let (mut size, mut unit) = (kib, 0);
    while size % 1024 == 0 && size > 0 && unit + 1 < units.len() {
        size /= 1024;
        unit += 1;
    }
    format!("{size}{}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_in_bytes_by_their_sizes() {
        let text = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages:3\n\
                    /sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages:9\n\
                    /sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages:1\n\
                    /sys/kernel/mm/hugepages/hugepages-64kB/nr_hugepages:0\n\
                    /sys/kernel/mm/hugepages/odd/nr_hugepages:7\n\
                    /sys/kernel/mm/hugepages/hugepages-4kB/nr_hugepages:x\n";
        let amounts = amounts(Files(text), "4096 10\n");
        let expected = [
            ("ephemeral-storage", 40_960),
            ("hugepages-1Gi", 1 << 30),
            ("hugepages-2Mi", 6 << 20),
            ("hugepages-64Ki", 0),
        ];
        assert_eq!(amounts, expected.map(|(name, bytes)| (name.to_owned(), bytes)).into());
        assert!(super::amounts(Files(""), "").is_empty());
    }
}
