//! The lab's registry: Debian's docker-registry on the machine's end of the bridge, with the lab's images in it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::base::{self, remove_tree};
use super::cgroup::Hierarchies;
use super::command::{launch, log_tail, run_logged};
use super::error::{LabError, at};
use super::images;
use super::kind::Release;
use super::site::{Site, cache};
use crate::model::Digest;

/// The port that everybody expects a registry on.
const PORT: u16 = 5000;

/// How long the registry may take to answer.
const START: Duration = Duration::from_secs(20);

const SERVICES: &str = include_str!("scripts/services.sh");
const IMAGES: &str = include_str!("scripts/images.sh");
const REGISTRY: &str = include_str!("scripts/registry.sh");

/// Makes the registry's programs and images, unless they are there.
pub(super) fn ensure_images(
    release: Release,
    progress: &mut dyn FnMut(&str),
) -> Result<(), LabError> {
    let (data, recipe) = (data(release), recipe(release));
    let stamp = data.join("recipe");
    if fs::read_to_string(&stamp).is_ok_and(|s| s == recipe) && services(release).exists() {
        return Ok(());
    }
    progress(&format!(
        "making the images {} of Debian's packages (once; about half a minute)",
        images::names().replace('|', ", ")
    ));
    let started = Instant::now();
    let (services, layers) = (services(release), cache().join("layers"));
    if !services.join("installed").exists() {
        remove_tree(&services)?;
    }
    remove_tree(&layers)?;
    for dir in [&services, &layers, &data] {
        fs::create_dir_all(dir).map_err(at(dir))?;
    }
    let (script, contents) = (services.join("services.sh"), services.join("images.sh"));
    fs::write(&script, SERVICES).map_err(at(&script))?;
    fs::write(&contents, IMAGES).map_err(at(&contents))?;
    let base = base::dir(release);
    let paths = [&script, &base, &services, &layers, &contents].map(|p| p.to_string_lossy());
    let mut argv = vec!["unshare", "--mount", "sh"];
    argv.extend(paths.iter().map(AsRef::as_ref));
    let packages = packages(release);
    argv.extend(packages.iter().map(String::as_str));
    run_logged(&argv, &cache().join(format!("images-{}.log", release.word())))?;
    images::write(&layers, &data)?;
    remove_tree(&layers)?;
    fs::write(&stamp, recipe).map_err(at(&stamp))?;
    progress(&format!("the images are made ({} s)", started.elapsed().as_secs()));
    Ok(())
}

/// Starts the registry, unless it answers; returns whether it had to be started.
pub(super) fn ensure_running(
    site: &Site,
    release: Release,
    hierarchies: &Hierarchies,
) -> Result<bool, LabError> {
    if answers(site.gateway()) {
        return Ok(false);
    }
    stop(site, hierarchies)?;
    let state = site.state();
    let (script, log) = (state.join("registry.sh"), state.join("registry.log"));
    fs::write(&script, REGISTRY).map_err(at(&script))?;
    let joins = hierarchies.make(&cgroup(site))?;
    let (base, services, data) = (base::dir(release), services(release), data(release));
    let paths = [&script, &base, &services, &data].map(|p| p.to_string_lossy());
    let mut words: Vec<String> =
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh"].map(str::to_owned).into();
    words.extend(paths.map(std::borrow::Cow::into_owned));
    words.extend([site.gateway().to_string(), images::names()]);
    launch(&state.join("join.sh"), &joins, &words, &log)?;
    let deadline = Instant::now() + START;
    while !answers(site.gateway()) {
        if Instant::now() > deadline {
            return Err(LabError::NoRegistry { address: site.gateway(), said: log_tail(&log) });
        }
        sleep(Duration::from_millis(50));
    }
    Ok(true)
}

/// Stops the registry; what was pushed to it stays.
pub(super) fn stop(site: &Site, hierarchies: &Hierarchies) -> Result<(), LabError> {
    hierarchies.kill(&cgroup(site))?;
    hierarchies.remove(&cgroup(site));
    Ok(())
}

/// Whether a registry answers at this address.
pub(super) fn answers(address: Ipv4Addr) -> bool {
    let wait = Duration::from_secs(2);
    let address = SocketAddr::from((address, PORT));
    let Ok(mut stream) = TcpStream::connect_timeout(&address, wait) else { return false };
    let mut greeting = [0; 12];
    stream.set_read_timeout(Some(wait)).is_ok()
        && stream.write_all(b"GET /v2/ HTTP/1.0\r\nHost: registry\r\n\r\n").is_ok()
        && stream.read_exact(&mut greeting).is_ok()
        && greeting.ends_with(b" 200")
}

fn cgroup(site: &Site) -> String {
    format!("{}/registry", site.cgroup())
}

/// The directory of the registry's programs, a layer over the base.
fn services(release: Release) -> PathBuf {
    let base = base::dir(release);
    let name = base.file_name().map_or(base.as_path(), Path::new).to_string_lossy();
    cache().join(name.replace("base-", "services-"))
}

/// The directory of what the registry serves.
fn data(release: Release) -> PathBuf {
    cache().join(format!("registry-{}", release.word()))
}

fn packages(release: Release) -> Vec<String> {
    let postgres = format!("postgresql-{}", release.postgres());
    ["apache2", "busybox-static", "docker-registry", "nginx", &postgres, "redis-server"]
        .map(str::to_owned)
        .to_vec()
}

/// What the images depend on, in brief: they are made anew when it changes.
fn recipe(release: Release) -> String {
    let packages = packages(release).join(" ");
    Digest::of_text(&[SERVICES, IMAGES, images::SOURCE, &packages].concat()).to_string()
}
