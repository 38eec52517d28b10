//! `bowline init`: the directory of a fleet to start from.

use std::path::{Path, PathBuf};

use clap::Args;
use minijinja::{Environment, context};

use super::{CliError, Exit, Talk};
use crate::model::names::Rule;

/// Make the directory of a fleet: an inventory, a first manifest, a .gitignore
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Where; the directory's name becomes the fleet's
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,

    /// A host, by its address or as NAME=ADDRESS; can be given several times
    #[arg(long, value_name = "HOST", value_parser = host)]
    host: Vec<HostLine>,

    /// The user to log in as
    #[arg(long, value_name = "NAME", default_value = "root", value_parser = user)]
    user: String,
}

/// A host as it was named on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
struct HostLine {
    name: String,
    address: String,
}

fn host(text: &str) -> Result<HostLine, String> {
    let (name, address) = text.split_once('=').unwrap_or(("", text));
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    if address.is_empty() || !address.chars().all(plain) {
        return Err("write an address or a host name, or NAME=ADDRESS".to_owned());
    }
    if !name.is_empty() {
        Rule::Subdomain.check(name).map_err(|why| format!("`{name}` {why}"))?;
    }
    Ok(HostLine { name: name.to_owned(), address: address.to_owned() })
}

fn user(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let fits = !text.is_empty() && text.chars().all(plain);
    fits.then(|| text.to_owned()).ok_or_else(|| "write the name of a user".to_owned())
}

pub(super) fn run(talk: &Talk, args: &InitArgs) -> Result<Exit, CliError> {
    each_once(&args.host)?;
    let files = files(args)?;
    let directory = &args.directory;
    for (path, _) in &files {
        let path = directory.join(path);
        if path.exists() {
            return Err(CliError::Usage {
                problem: format!("{} is there already, and nothing was written", path.display()),
                hint: "name another directory: bowline init DIR".to_owned(),
            });
        }
    }
    for (path, text) in &files {
        let path = directory.join(path);
        let written = write(&path, text);
        written
            .map_err(|error| CliError::Write { path: path.clone(), cause: error.to_string() })?;
        talk.say(&format!("wrote {}", path.display()));
    }
    talk.say(&next(directory, &args.host));
    Ok(Exit::Done)
}

/// Refuses a second host of one name, or of one address.
fn each_once(hosts: &[HostLine]) -> Result<(), CliError> {
    for (at, host) in hosts.iter().enumerate() {
        for earlier in hosts.iter().take(at) {
            let same_name = !host.name.is_empty() && host.name == earlier.name;
            if same_name || host.address == earlier.address {
                let twice = if same_name { &host.name } else { &host.address };
                return Err(CliError::Usage {
                    problem: format!("{twice} is named by --host twice"),
                    hint: "name every host once".to_owned(),
                });
            }
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write as _;
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    // Never over what somebody else has just put there.
    std::fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

/// What to type next.
fn next(directory: &Path, hosts: &[HostLine]) -> String {
    let mut lines = vec!["\nNext:".to_owned()];
    if directory != Path::new(".") {
        lines.push(format!("  cd {}", directory.display()));
    }
    if hosts.is_empty() {
        lines.push("  $EDITOR inventory.yaml           put your hosts in".to_owned());
    }
    lines.push("  bowline inventory ping           see whether they answer".to_owned());
    lines.push("  bowline plan -f manifests        see what would be done".to_owned());
    lines.push("  bowline apply -f manifests       do it".to_owned());
    lines.push("Without hosts of your own: bowline lab up raises some on this machine.".to_owned());
    lines.join("\n")
}

/// The files by their paths.
fn files(args: &InitArgs) -> Result<Vec<(&'static str, String)>, CliError> {
    let numbered = args.host.iter().enumerate().map(|(at, host)| {
        let name = match host.name.as_str() {
            "" => format!("node-{}", at + 1),
            name => name.to_owned(),
        };
        context! { name => name, address => host.address.clone() }
    });
    let values = context! {
        fleet => fleet_name(&args.directory),
        user => args.user.clone(),
        hosts => numbered.collect::<Vec<_>>(),
    };
    let environment = Environment::new();
    let render = |template: &str| {
        // The last line break of a template is left out.
        let text = environment.render_str(template, &values).map(|text| text + "\n");
        text.map_err(|error| CliError::System {
            what: "the templates of init cannot be filled in".to_owned(),
            cause: error.to_string(),
        })
    };
    Ok(vec![
        ("inventory.yaml", render(include_str!("scaffold/inventory.yaml.j2"))?),
        ("manifests/hello.yaml", render(include_str!("scaffold/hello.yaml.j2"))?),
        (".gitignore", "# The state, and what bowline keeps beside it.\n.bowline/\n".to_owned()),
    ])
}

/// The directory's name in the letters that a fleet's name may have.
fn fleet_name(directory: &Path) -> String {
    let full = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    let full = full.canonicalize().unwrap_or(full);
    let name = full.file_name().map(|name| name.to_string_lossy().to_lowercase());
    let dashed: String = name
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' })
        .take(FLEET_MAX)
        .collect();
    let trimmed = dashed.trim_matches('-');
    if trimmed.is_empty() { "fleet".to_owned() } else { trimmed.to_owned() }
}

/// Long enough for any directory that means something, and short enough for the names that are made from it.
const FLEET_MAX: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Source;
    use crate::inventory::{Home, parse};
    use crate::manifest::{ReadOptions, read};

    fn made(directory: &str, hosts: &[&str], user: &str) -> Vec<(&'static str, String)> {
        let host = hosts.iter().map(|text| host(text).unwrap()).collect();
        files(&InitArgs { directory: directory.into(), host, user: user.to_owned() }).unwrap()
    }

    #[test]
    fn what_is_written_can_be_read() {
        for (hosts, user) in [(&[][..], "root"), (&["10.0.0.1", "db=db.example.org"], "admin")] {
            let files = made("/srv/My shop!", hosts, user);
            let home = Home { inventory: "/srv".into(), user: Some("/root".into()) };
            let inventory = parse(&Source::new("inventory.yaml", files[0].1.clone()), &home);
            let inventory = inventory.map_err(|report| report.findings.len()).unwrap();
            assert_eq!(inventory.fleet.as_str(), "my-shop");
            assert_eq!(inventory.hosts.len(), hosts.len().max(1));
            let manifest = Source::new("hello.yaml", files[1].1.clone());
            let reading = read(&[manifest], &ReadOptions::default());
            assert!(reading.findings.is_empty() && reading.objects.len() == 2);
        }
    }

    #[test]
    fn a_host_is_named_once() {
        let lines =
            |hosts: &[&str]| hosts.iter().map(|text| host(text).unwrap()).collect::<Vec<_>>();
        assert!(each_once(&lines(&["a=10.0.0.1", "b=10.0.0.2", "10.0.0.3"])).is_ok());
        assert!(each_once(&lines(&["a=10.0.0.1", "a=10.0.0.2"])).is_err());
        assert!(each_once(&lines(&["10.0.0.1", "a=10.0.0.1"])).is_err());
    }

    #[test]
    fn hosts_are_named_or_numbered() {
        let inventory = &made("shop", &["10.0.0.1", "db=db.example.org"], "root")[0].1;
        let hosts = &inventory[inventory.find("\nhosts:").unwrap() + 1..];
        insta::assert_snapshot!(hosts, @r"
        hosts:
          node-1:
            address: 10.0.0.1
          db:
            address: db.example.org
        ");
        assert!(host("a b").is_err() && host("").is_err() && host("N=1.2.3.4").is_err());
    }
}
