//! The hosts that have room for a class, in buckets of hosts that differ in nothing but how full they are.
//!
//! What terms and constraints say is the same for all hosts of a bucket, so it is asked once a bucket; within a bucket a heap has the
//! best host on top. A host that has changed gets a new entry, and the old one is dropped when it comes up.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use super::host_rules::BARRED;
use super::interned::{at, number_of};
use super::layout::{Layout, View};
use super::score::{Bounds, Raw, own};

/// No bucket: there is no room for the class.
const OUT: u32 = u32::MAX;

/// A heap is cleared of old entries when it holds this many times what it should.
const SLACK: usize = 4;

/// The hosts that have room for a class.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    layout: Layout,
    /// By host: its bucket, and the stamp of its entry there.
    places: Vec<(u32, u32)>,
    buckets: Vec<Bucket>,
    by_key: BTreeMap<Vec<u32>, u32>,
    unused: Vec<u32>,
    key: Vec<u32>,
    found: Vec<(usize, Raw)>,
}

#[derive(Clone, Debug, Default)]
struct Bucket {
    key: Vec<u32>,
    heap: BinaryHeap<Entry>,
    hosts: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    score: u64,
    host: u32,
    stamp: u32,
}

impl Ord for Entry {
    /// The highest score first, then the first name.
    fn cmp(&self, other: &Self) -> Ordering {
        let by_host = other.host.cmp(&self.host);
        self.score.cmp(&other.score).then(by_host).then(self.stamp.cmp(&other.stamp))
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Index {
    /// The hosts that have room for the class.
    pub(super) fn of(view: View<'_>) -> Self {
        let places = vec![(OUT, 0); view.loads.len()];
        let mut index = Self { layout: Layout::of(view), places, ..Self::default() };
        for host in 0..view.loads.len() {
            index.refresh(view, number_of(host));
        }
        index
    }

    /// Looks at a host again that may have changed.
    pub(super) fn refresh(&mut self, view: View<'_>, host: u32) {
        let kind = view.class.rules.kind[at(host)];
        let load = &view.loads[at(host)];
        if kind == BARRED {
            return;
        }
        let (before, stamp) = self.places[at(host)];
        if !load.fits(&view.class.share) {
            if before != OUT {
                self.places[at(host)] = (OUT, stamp + 1);
                self.leave(before);
            }
            return;
        }
        let bucket = self.bucket_of(view, host, kind);
        let score = own(view, host);
        let entry = Entry { score, host, stamp: stamp.wrapping_add(1) };
        self.places[at(host)] = (bucket, entry.stamp);
        let Bucket { heap, hosts, .. } = &mut self.buckets[at(bucket)];
        if before == bucket {
            match heap.peek_mut() {
                Some(mut top) if top.host == host => {
                    *top = entry;
                    return;
                }
                Some(_) | None => {}
            }
        } else {
            *hosts += 1;
        }
        heap.push(entry);
        if heap.len() > SLACK * *hosts + 64 {
            let places = &self.places;
            heap.retain(|entry| places[at(entry.host)] == (bucket, entry.stamp));
        }
        if before != OUT && before != bucket {
            self.leave(before);
        }
    }

    fn leave(&mut self, bucket: u32) {
        let left = &mut self.buckets[at(bucket)];
        left.hosts -= 1;
        if left.hosts == 0 {
            left.heap.clear();
            self.by_key.remove(&left.key);
            self.unused.push(bucket);
        }
    }

    /// The bucket that a host belongs to now.
    fn bucket_of(&mut self, view: View<'_>, host: u32, kind: u32) -> u32 {
        self.key.clear();
        self.key.push(kind);
        self.key.extend(self.layout.columns(view).map(|column| column.of(host)));
        let (now, _) = self.places[at(host)];
        if now != OUT && self.buckets[at(now)].key == self.key {
            return now;
        }
        if let Some(bucket) = self.by_key.get(&self.key) {
            return *bucket;
        }
        let bucket = self.unused.pop().unwrap_or_else(|| {
            self.buckets.push(Bucket::default());
            number_of(self.buckets.len() - 1)
        });
        self.buckets[at(bucket)].key.clone_from(&self.key);
        self.by_key.insert(self.key.clone(), bucket);
        bucket
    }

    /// The best host: the one with the most points, and among those the first by name.
    pub(super) fn best(&mut self, view: View<'_>) -> Option<u32> {
        let mut found = std::mem::take(&mut self.found);
        let bounds = self.compare(view, &mut found);
        let mut best: Option<(u64, u32)> = None;
        for (place, raw) in &found {
            let Some((score, host)) = self.top(*place) else { continue };
            let score = score + bounds.points(raw).sum(&view.profile.weights);
            let is_better =
                best.is_none_or(|(most, first)| score > most || (score == most && host < first));
            if is_better {
                best = Some((score, host));
            }
        }
        self.found = found;
        best.map(|(_, host)| host)
    }

    /// The buckets whose hosts nothing forbids, with what is to be compared, and its bounds.
    fn compare(&self, view: View<'_>, found: &mut Vec<(usize, Raw)>) -> Bounds {
        found.clear();
        let mut bounds = Bounds::default();
        for (place, bucket) in self.buckets.iter().enumerate() {
            if bucket.hosts == 0 {
                continue;
            }
            let Some(raw) = self.layout.raw(view, &bucket.key) else { continue };
            bounds.widen(&raw);
            found.push((place, raw));
        }
        bounds
    }

    /// The best host of a bucket.
    fn top(&mut self, place: usize) -> Option<(u64, u32)> {
        let heap = &mut self.buckets[place].heap;
        loop {
            let Entry { score, host, stamp } = *heap.peek()?;
            if self.places[at(host)] == (number_of(place), stamp) {
                return Some((score, host));
            }
            heap.pop();
        }
    }
}
