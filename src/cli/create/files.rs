//! Keys and values of ConfigMaps and Secrets from literals, files and files of variables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::super::CliError;

/// Where keys and values come from.
#[derive(Debug, Args)]
pub(super) struct DataArgs {
    /// A key and its value
    #[arg(long = "from-literal", value_name = "KEY=VALUE")]
    literals: Vec<String>,

    /// A file under its name or another key, or all files of a directory
    #[arg(long = "from-file", value_name = "[KEY=]PATH")]
    files: Vec<String>,

    /// A file of KEY=VALUE lines
    #[arg(long = "from-env-file", value_name = "PATH", conflicts_with_all = ["literals", "files"])]
    env_files: Vec<PathBuf>,
}

/// Values by their keys; a value need not be text.
pub(super) type Data = BTreeMap<String, Vec<u8>>;

impl DataArgs {
    /// Reads everything that is named.
    pub(super) fn read(&self) -> Result<Data, CliError> {
        let mut data = Data::new();
        for (at, literal) in self.literals.iter().enumerate() {
            let pair = literal.split_once('=').filter(|(key, _)| !key.is_empty());
            // What is no pair may be a value without its key, and so a secret.
            let (key, value) = pair.ok_or_else(|| CliError::Usage {
                problem: format!("--from-literal number {} is no KEY=VALUE", at + 1),
                hint: "for instance --from-literal=level=debug".to_owned(),
            })?;
            add(&mut data, key, value.as_bytes().to_vec())?;
        }
        for source in &self.files {
            match source.split_once('=') {
                Some((key, path)) => add(&mut data, key, bytes(Path::new(path))?)?,
                None => add_path(&mut data, Path::new(source))?,
            }
        }
        for path in &self.env_files {
            let text = String::from_utf8_lossy(&bytes(path)?).into_owned();
            for (key, value) in variables(path, &text)? {
                add(&mut data, key, value.into_bytes())?;
            }
        }
        Ok(data)
    }
}

fn add_path(data: &mut Data, path: &Path) -> Result<(), CliError> {
    if !path.is_dir() {
        return add(data, &file_name(path), bytes(path)?);
    }
    let unreadable = |error: std::io::Error| unreadable(path, &error);
    let entries = std::fs::read_dir(path).map_err(unreadable)?;
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|e| e.map(|e| e.path())).collect();
    for inner in paths.map_err(unreadable)?.iter().filter(|path| path.is_file()) {
        add(data, &file_name(inner), bytes(inner)?)?;
    }
    Ok(())
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn bytes(path: &Path) -> Result<Vec<u8>, CliError> {
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> CliError {
    CliError::Read {
        path: path.to_owned(),
        cause: error.to_string(),
        hint: "write --from-file=[KEY=]PATH".to_owned(),
    }
}

fn add(data: &mut Data, key: &str, value: Vec<u8>) -> Result<(), CliError> {
    match data.insert(key.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(CliError::Usage {
            problem: format!("the key `{key}` is there twice"),
            hint: "give one of them another name with KEY=PATH".to_owned(),
        }),
    }
}

/// The lines of a file of variables: `KEY=VALUE`; empty ones and those that begin with `#` are left out. A key alone, which
/// kubectl takes from the environment, is refused: the same file should always mean the same.
fn variables<'t>(path: &Path, text: &'t str) -> Result<Vec<(&'t str, String)>, CliError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_start()));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let pair = |(number, line): (usize, &'t str)| match line.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key, value.to_owned())),
        _ => Err(CliError::Usage {
            problem: format!("{}:{number}: the line is no KEY=VALUE", path.display()),
            hint: "write a key, `=` and its value on each line".to_owned(),
        }),
    };
    lines.map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_variables_is_read_line_by_line() {
        let path = Path::new("web.env");
        let read = variables(path, "\u{feff}# level\nLEVEL=debug\n\n  A=b=c d\nEMPTY=\n").unwrap();
        let read: Vec<(&str, &str)> = read.iter().map(|(k, v)| (*k, v.as_str())).collect();
        assert_eq!(read, [("LEVEL", "debug"), ("A", "b=c d"), ("EMPTY", "")]);
        let error = variables(path, "A=b\nHOME\n").unwrap_err();
        assert_eq!(error.to_string(), "web.env:2: the line is no KEY=VALUE");
    }
}
