//! The host's files that are read: all by one process, since starting one costs a host more than reading them all.

use super::script::Command;

/// What came back of [`read`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Files<'a>(pub(super) &'a str);

/// Reads text files, and all files in directories; one that is missing is left out.
pub(super) fn read(paths: &[&str]) -> Command {
    // Every line, with the file's name and a colon before it. It exits with 2 when a file is missing.
    Command::reads(["grep", "-Hasr", ""].iter().chain(paths).copied()).accepting(2)
}

impl<'a> Files<'a> {
    /// A file's lines; none where it is missing.
    pub(super) fn text(self, path: &str) -> String {
        let of_file = |line: &str| line.strip_prefix(path)?.strip_prefix(':').map(str::to_owned);
        self.0.lines().filter_map(of_file).collect::<Vec<_>>().join("\n")
    }

    /// The lines of all files in a directory, each with its file's path in it.
    pub(super) fn within(
        self,
        directory: &str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a, '_> {
        let of_directory =
            move |line: &'a str| line.strip_prefix(directory)?.strip_prefix('/')?.split_once(':');
        self.0.lines().filter_map(of_directory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_has_its_own_lines() {
        let files = Files("/a:one: two\n/a:\n/a/b:three\n/a:four\nnobody's\n");
        assert_eq!(files.text("/a"), "one: two\n\nfour");
        assert_eq!(files.text("/a/b"), "three");
        assert_eq!(files.text("/c"), "");
    }
}
