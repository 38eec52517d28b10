//! The pulls of images, an image a line, however many hosts there are.

use std::time::Duration;

use super::age::words;
use crate::execute::{Pull, PullNews};
use crate::model::NodeName;

/// The most hosts that are named as being at it.
const NAMED_MAX: usize = 3;

/// The line of an image that is being pulled: on how many of its hosts it is, on how many it failed, for how long it has been pulled,
/// and which hosts are at it, when they are few.
pub fn pulling_line(image: &str, pull: &Pull, now: Duration) -> String {
    let there = pull.pulled + pull.found;
    let failed = match pull.failed {
        0 => String::new(),
        failed => format!("  {failed} failed"),
    };
    let took = lasting(now.saturating_sub(pull.began));
    let named: Vec<&str> = pull.at_it().take(NAMED_MAX + 1).map(NodeName::as_str).collect();
    let named = match named.len() {
        1..=NAMED_MAX => format!("  now on {}", named.join(", ")),
        _ => String::new(),
    };
    format!("pulling {image}  {there}/{}{failed}  {took}{named}", hosts(pull.hosts()))
}

/// The line for something new of a pull.
pub fn pull_news_line(news: &PullNews) -> String {
    match news {
        PullNews::Failed { node, image, why } => format!("{node}: pull {image}: failed: {why}"),
        PullNews::Ended { image, pull, took } => ended_line(image, pull, *took),
    }
}

fn ended_line(image: &str, pull: &Pull, took: Duration) -> String {
    let took = lasting(took);
    let found = match pull.found {
        0 => String::new(),
        found => format!(", {found} had it"),
    };
    let first = pull.failure.as_ref().map(|(node, why)| format!("{node}: {why}"));
    let first = first.unwrap_or_default();
    match (pull.pulled, pull.failed) {
        (pulled, 0) => format!("pulled {image} on {} in {took}{found}", hosts(pulled)),
        (0, failed) => {
            format!("could not pull {image} on {} after {took}{found}: {first}", hosts(failed))
        }
        (pulled, failed) => {
            format!(
                "pulled {image} on {} in {took}{found}, {failed} failed: {first}",
                hosts(pulled)
            )
        }
    }
}

fn hosts(count: usize) -> String {
    if count == 1 { "1 host".to_owned() } else { format!("{count} hosts") }
}

fn lasting(time: Duration) -> String {
    words(i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::execute::{Event, Outcome, Pulls, Told};

    fn pull(image: &str) -> Told {
        Told { title: format!("pull {image}"), image: Some(image.to_owned()) }
    }

    /// Plays a run and writes down what is said of it, with the second in which it is.
    struct Run {
        pulls: Pulls,
        seconds: u64,
        said: Vec<String>,
    }

    impl Run {
        fn of(hosts: &[&str], images: &[&str]) -> Self {
            let pulls = hosts
                .iter()
                .flat_map(|host| images.iter().map(|image| ((*host).into(), (*image).to_owned())));
            let mut run = Self { pulls: Pulls::default(), seconds: 0, said: Vec::new() };
            run.hear(&Event::Planned { pulls: pulls.collect() });
            run
        }

        fn say(&mut self, line: &str) {
            self.said.push(format!("{:>3} {line}", self.seconds));
        }

        fn hear(&mut self, event: &Event) {
            for news in self.pulls.hear(event, Duration::from_secs(self.seconds)) {
                self.say(&pull_news_line(&news));
            }
        }

        fn sent(&mut self, host: &str, images: &[&str]) {
            let create = Told { title: "create pod".to_owned(), image: None };
            let steps = images.iter().map(|image| pull(image)).chain([create]).collect();
            self.hear(&Event::Sent { node: host.into(), steps });
        }

        fn ended(&mut self, host: &str, image: &str, outcome: Outcome, printed: usize) {
            self.hear(&Event::Ended { node: host.into(), step: pull(image), outcome, printed });
        }

        fn until(&mut self, second: u64) {
            while self.seconds < second {
                self.seconds += 1;
                let now = Duration::from_secs(self.seconds);
                for (image, pull) in self.pulls.due(now) {
                    self.say(&pulling_line(&image, &pull, now));
                }
            }
        }

        fn shown(&self) -> String {
            let now = Duration::from_secs(self.seconds);
            let lines = self.pulls.under_way().map(|(image, pull)| pulling_line(image, pull, now));
            lines.collect::<Vec<_>>().join("\n")
        }
    }

    #[test]
    fn an_image_that_hosts_share_has_a_line_of_its_own() {
        let mut run = Run::of(&["a", "b", "c", "d"], &["nginx:1.25", "redis:7"]);
        for host in ["a", "b", "c"] {
            run.sent(host, &["nginx:1.25", "redis:7"]);
        }
        run.until(3);
        run.ended("a", "nginx:1.25", Outcome::Done, 65);
        run.ended("b", "nginx:1.25", Outcome::Failed("exit code 125".into()), 0);
        run.ended("c", "nginx:1.25", Outcome::Done, 0);
        run.until(7);
        assert_eq!(run.shown(), "pulling redis:7  0/4 hosts  4s  now on a, b, c");
        run.sent("d", &["nginx:1.25", "redis:7"]);
        insta::assert_snapshot!(run.shown(), @r"
        pulling nginx:1.25  2/4 hosts  1 failed  7s  now on d
        pulling redis:7  0/4 hosts  4s  now on a, b, c
        ");
        run.until(12);
        run.ended("d", "nginx:1.25", Outcome::Done, 65);
        for host in ["a", "b", "c"] {
            run.ended(host, "redis:7", Outcome::Done, 65);
            run.hear(&Event::Over { node: host.into(), rest: Outcome::Done });
        }
        run.until(200);
        run.hear(&Event::Over { node: "d".into(), rest: Outcome::Failed("it was lost".into()) });
        assert_eq!(run.shown(), "");
        insta::assert_snapshot!(run.said.join("\n"), @r"
          1 pulling nginx:1.25  0/4 hosts  1s  now on a, b, c
          3 b: pull nginx:1.25: failed: exit code 125
          4 pulling redis:7  0/4 hosts  1s  now on a, b, c
          8 pulling nginx:1.25  2/4 hosts  1 failed  8s  now on d
          8 pulling redis:7  0/4 hosts  5s  now on a, b, c
         10 pulling nginx:1.25  2/4 hosts  1 failed  10s  now on d
         12 pulled nginx:1.25 on 2 hosts in 12s, 1 had it, 1 failed: b: exit code 125
         13 pulling redis:7  3/4 hosts  10s  now on d
         23 pulling redis:7  3/4 hosts  20s  now on d
         43 pulling redis:7  3/4 hosts  40s  now on d
         63 pulling redis:7  3/4 hosts  60s  now on d
        123 pulling redis:7  3/4 hosts  2m  now on d
        183 pulling redis:7  3/4 hosts  3m  now on d
        200 pulled redis:7 on 3 hosts in 3m17s, 1 failed: d: it was lost
        ");
    }

    #[test]
    fn what_is_said_is_bounded_whatever_the_number_of_hosts() {
        let names: Vec<String> = (0..1000).map(|at| format!("node-{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut run = Run::of(&names, &["nginx:1.25"]);
        for (at, host) in names.iter().enumerate() {
            run.sent(host, &["nginx:1.25"]);
            run.until(at as u64 / 50);
            run.ended(host, "nginx:1.25", Outcome::Failed("exit code 125".into()), 0);
        }
        insta::assert_snapshot!(run.said.join("\n"), @r"
          0 node-0: pull nginx:1.25: failed: exit code 125
          1 pulling nginx:1.25  0/1000 hosts  50 failed  1s  now on node-50
          5 pulling nginx:1.25  0/1000 hosts  250 failed  5s  now on node-250
         10 pulling nginx:1.25  0/1000 hosts  500 failed  10s  now on node-500
         19 could not pull nginx:1.25 on 1000 hosts after 19s: node-0: exit code 125
        ");
    }

    #[test]
    fn an_image_that_is_there_is_not_spoken_of() {
        let mut run = Run::of(&["a", "b"], &["nginx:1.25"]);
        for host in ["a", "b"] {
            run.sent(host, &["nginx:1.25"]);
            run.ended(host, "nginx:1.25", Outcome::Done, 0);
        }
        run.until(60);
        assert_eq!((run.shown().as_str(), run.said.len()), ("", 0));
    }

    #[test]
    fn a_host_that_is_planned_anew_is_counted_once() {
        let mut run = Run::of(&["a", "b"], &["nginx:1.25"]);
        run.sent("a", &["nginx:1.25"]);
        run.sent("b", &["nginx:1.25"]);
        run.until(2);
        run.hear(&Event::Over { node: "b".into(), rest: Outcome::Skipped("it moved".into()) });
        assert_eq!(run.shown(), "pulling nginx:1.25  0/1 host  2s  now on a");
        run.ended("a", "nginx:1.25", Outcome::Done, 65);
        run.hear(&Event::Planned { pulls: vec![("b".into(), "nginx:1.25".into())] });
        run.sent("b", &["nginx:1.25"]);
        run.until(4);
        run.ended("b", "nginx:1.25", Outcome::Failed("exit code 125".into()), 0);
        insta::assert_snapshot!(run.said.join("\n"), @r"
          1 pulling nginx:1.25  0/2 hosts  1s  now on a, b
          2 pulled nginx:1.25 on 1 host in 2s
          3 pulling nginx:1.25  0/1 host  1s  now on b
          4 could not pull nginx:1.25 on 1 host after 2s: b: exit code 125
        ");
    }
}
