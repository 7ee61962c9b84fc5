//! Cycles of dependencies, named by their edges.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use lab_check::Limit;

use super::dependencies::{Dependencies, Edge};
use super::phenomenon::{Dependency, Kind, Phenomenon, Variant};
use super::{Instance, Link};
use crate::graph::Graph;

/// The clock is looked at after so many visits each.
const VISITS_TIMED: u32 = 4096;

/// The kinds of cycles, each before those that it makes superfluous.
const CYCLES: [(Kind, Mode); 5] = [
    (Kind::G0, Mode::Ww),
    (Kind::G1c, Mode::Wr),
    (Kind::GSingle, Mode::OneRw),
    (Kind::GNonadjacent, Mode::ApartRw),
    (Kind::G2Item, Mode::ManyRw),
];
const VARIANTS: [Variant; 3] = [Variant::Plain, Variant::Process, Variant::Realtime];

/// Which edges a cycle has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// `ww` alone.
    Ww,
    /// At least one `wr`, and no `rw`.
    Wr,
    /// One `rw`.
    OneRw,
    /// Several `rw`, and always another edge between.
    ApartRw,
    /// Several `rw`.
    ManyRw,
}

/// Looks for each kind of cycle in each component. In a component with a stronger anomaly a weaker
/// one says nothing new and is left out. Gives what ended the search before its end.
pub(super) fn find_cycles(
    dependencies: &Dependencies,
    clock: &mut Clock,
    memory_bytes: usize,
    found: &mut BTreeMap<Phenomenon, Instance>,
) -> Option<Limit> {
    if Search::bytes(dependencies) > memory_bytes {
        return Some(Limit::Memory);
    }
    let mut named: Vec<(Kind, Variant, u32)> = Vec::new();
    for variant in VARIANTS {
        for (kind, mode) in CYCLES {
            if clock.has_run_out() {
                return Some(Limit::Time);
            }
            let mut search = Search::new(dependencies, variant, mode);
            for component in search.components() {
                let is_named = |(known, by, member): &(Kind, Variant, u32)| {
                    *known <= kind && *by <= variant && component.contains(member)
                };
                if named.iter().any(is_named) {
                    continue;
                }
                let cycle = search.cycle_in(&component, clock);
                if clock.has_run_out() {
                    return Some(Limit::Time);
                }
                let Some(cycle) = cycle else { continue };
                named.push((kind, variant, cycle[0].from));
                let phenomenon = Phenomenon { kind, variant };
                let instance = found
                    .entry(phenomenon)
                    .or_insert_with(|| instance(&cycle, dependencies.transactions));
                instance.count += 1;
            }
        }
    }
    None
}

/// How long the search may go on.
pub(super) struct Clock {
    start: Instant,
    time: Duration,
    visits: u32,
    has_run_out: bool,
}

impl Clock {
    pub(super) fn new(time: Duration) -> Self {
        Self { start: Instant::now(), time, visits: 0, has_run_out: false }
    }

    fn has_run_out(&mut self) -> bool {
        self.has_run_out |= self.start.elapsed() >= self.time;
        self.has_run_out
    }

    /// One place more was visited; says whether the time is over.
    pub(super) fn tick(&mut self) -> bool {
        self.visits += 1;
        if self.visits == VISITS_TIMED {
            self.visits = 0;
            return self.has_run_out();
        }
        self.has_run_out
    }
}

impl Mode {
    fn begins_with(self) -> Dependency {
        match self {
            Self::Ww => Dependency::Ww,
            Self::Wr => Dependency::Wr,
            _ => Dependency::Rw,
        }
    }

    fn allows(self, edge: Dependency, variant: Variant) -> bool {
        match edge {
            Dependency::Ww => true,
            Dependency::Wr => self != Self::Ww,
            Dependency::Rw => !matches!(self, Self::Ww | Self::Wr),
            Dependency::Process => variant == Variant::Process,
            Dependency::Realtime => variant == Variant::Realtime,
        }
    }
}

/// What a path has passed, beside the place where it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Passed {
    /// The last edge was `rw`.
    last_rw: bool,
    /// There are several `rw`.
    many_rw: bool,
    /// An edge of the variant is among them.
    extra: bool,
}

impl Passed {
    fn number(self) -> usize {
        usize::from(self.last_rw) | usize::from(self.many_rw) << 1 | usize::from(self.extra) << 2
    }

    /// Goes over one more edge, if the mode lets it.
    fn over(self, edge: Dependency, mode: Mode) -> Option<Self> {
        let is_rw = edge == Dependency::Rw;
        let is_barred = is_rw && (mode == Mode::OneRw || mode == Mode::ApartRw && self.last_rw);
        let is_extra = matches!(edge, Dependency::Process | Dependency::Realtime);
        (!is_barred).then_some(Self {
            last_rw: is_rw,
            many_rw: self.many_rw || is_rw,
            extra: self.extra || is_extra,
        })
    }
}

struct Search {
    mode: Mode,
    needs_extra: bool,
    edges: Vec<Edge>,
    /// For each node where its edges begin.
    from: Vec<usize>,
    graph: Graph,
    /// For each node with what was passed, in which search it was reached, and by which edge from
    /// which state.
    reached: Vec<(u32, u32, usize)>,
    searches: u32,
}

impl Search {
    fn new(dependencies: &Dependencies, variant: Variant, mode: Mode) -> Self {
        let is_allowed = |edge: &&Edge| mode.allows(edge.kind, variant);
        let mut edges: Vec<Edge> = dependencies.edges.iter().filter(is_allowed).copied().collect();
        edges.sort_unstable_by_key(|edge| (edge.from, edge.to, edge.kind));
        edges.dedup_by_key(|edge| (edge.from, edge.to, edge.kind));
        let pairs: Vec<(u32, u32)> = edges.iter().map(|edge| (edge.from, edge.to)).collect();
        let mut from = vec![0; dependencies.nodes + 1];
        for edge in &edges {
            from[edge.from as usize + 1] += 1;
        }
        for node in 0..dependencies.nodes {
            from[node + 1] += from[node];
        }
        let needs_extra = variant != Variant::Plain;
        let graph = Graph::new(dependencies.nodes, &pairs);
        Self { mode, needs_extra, edges, from, graph, reached: Vec::new(), searches: 0 }
    }

    /// What a search holds at most, beside the dependencies.
    fn bytes(dependencies: &Dependencies) -> usize {
        let edges = dependencies.edges.len() * (2 * size_of::<Edge>() + size_of::<u32>());
        edges + dependencies.nodes * (8 * size_of::<(u32, u32, usize)>() + 64)
    }

    fn components(&self) -> Vec<Vec<u32>> {
        let mut components = self.graph.components();
        components.retain(|component| component.len() > 1);
        components
    }

    /// The first cycle of the mode in a component.
    fn cycle_in(&mut self, component: &[u32], clock: &mut Clock) -> Option<Vec<Edge>> {
        if self.reached.is_empty() {
            self.reached = vec![(0, 0, 0); self.graph.nodes() * 8];
        }
        let mut members = component.to_vec();
        members.sort_unstable();
        for node in &members {
            for at in self.from[*node as usize]..self.from[*node as usize + 1] {
                let first = self.edges[at];
                let is_inside = members.binary_search(&first.to).is_ok();
                if first.kind != self.mode.begins_with() || !is_inside {
                    continue;
                }
                if let Some(cycle) = self.cycle_from(at, clock)
                    && let Some(cycle) = self.simple(&cycle)
                {
                    return Some(cycle);
                }
                if clock.has_run_out {
                    return None;
                }
            }
        }
        None
    }

    /// The shortest way from the end of an edge back to its beginning, breadth first.
    fn cycle_from(&mut self, first: usize, clock: &mut Clock) -> Option<Vec<Edge>> {
        self.searches += 1;
        let edge = self.edges[first];
        let start = Passed { last_rw: edge.kind == Dependency::Rw, ..Passed::default() };
        let mut open = VecDeque::from([(edge.to, start)]);
        self.reached[edge.to as usize * 8 + start.number()] = (self.searches, u32::MAX, first);
        while let Some((node, passed)) = open.pop_front() {
            if clock.tick() {
                return None;
            }
            for at in self.from[node as usize]..self.from[node as usize + 1] {
                let next = self.edges[at];
                let Some(after) = passed.over(next.kind, self.mode) else { continue };
                let state = next.to as usize * 8 + after.number();
                if self.reached[state].0 == self.searches {
                    continue;
                }
                let before = node as usize * 8 + passed.number();
                let before = u32::try_from(before).unwrap_or(u32::MAX);
                self.reached[state] = (self.searches, before, at);
                if next.to == edge.from && self.closes(after) {
                    return Some(self.path_to(state));
                }
                open.push_back((next.to, after));
            }
        }
        None
    }

    fn closes(&self, passed: Passed) -> bool {
        let has_extra = passed.extra || !self.needs_extra;
        has_extra
            && match self.mode {
                Mode::Ww | Mode::Wr | Mode::OneRw => true,
                Mode::ApartRw => passed.many_rw && !passed.last_rw,
                Mode::ManyRw => passed.many_rw,
            }
    }

    fn path_to(&self, state: usize) -> Vec<Edge> {
        let mut path = Vec::new();
        let mut at = state;
        loop {
            let (_, before, edge) = self.reached[at];
            path.push(self.edges[edge]);
            if before == u32::MAX {
                break;
            }
            at = before as usize;
        }
        path.reverse();
        path
    }

    /// A closed path that comes to a place twice is two cycles: the one that is of the mode.
    fn simple(&self, cycle: &[Edge]) -> Option<Vec<Edge>> {
        for (at, edge) in cycle.iter().enumerate() {
            if let Some(again) = cycle[at + 1..].iter().position(|it| it.from == edge.from) {
                let end = at + 1 + again;
                let outer = [&cycle[..at], &cycle[end..]].concat();
                return self.simple(&cycle[at..end]).or_else(|| self.simple(&outer));
            }
        }
        self.is_of_mode(cycle).then(|| cycle.to_vec())
    }

    fn is_of_mode(&self, cycle: &[Edge]) -> bool {
        let count = |kind: Dependency| cycle.iter().filter(|edge| edge.kind == kind).count();
        let is_rw = |at: usize| cycle[at % cycle.len()].kind == Dependency::Rw;
        let are_apart = (0..cycle.len()).all(|at| !is_rw(at) || !is_rw(at + 1));
        let extra = count(Dependency::Process) + count(Dependency::Realtime);
        (extra > 0 || !self.needs_extra)
            && match self.mode {
                Mode::Ww => count(Dependency::Ww) > 0,
                Mode::Wr => count(Dependency::Wr) > 0,
                Mode::OneRw => count(Dependency::Rw) == 1,
                Mode::ApartRw => count(Dependency::Rw) > 1 && are_apart,
                Mode::ManyRw => count(Dependency::Rw) > 1,
            }
    }
}

/// A cycle without the nodes of the chain of real time.
fn instance(cycle: &[Edge], transactions: usize) -> Instance {
    let inside = cycle.iter().filter(|edge| (edge.from as usize) < transactions);
    let inside: Vec<&Edge> = inside.collect();
    let next = inside.iter().cycle().skip(1);
    let links = inside.iter().zip(next).map(|(edge, next)| Link {
        from: edge.from as usize,
        to: next.from as usize,
        kind: edge.kind,
        about: edge.about,
    });
    let links: Vec<Link> = links.collect();
    let before = |link: &Link| format!("T{} before T{}", link.from, link.to);
    let must: Vec<String> = links.iter().map(before).collect();
    let sentence = format!("no order of transactions has {}", must.join(" and "));
    let transactions = links.iter().map(|link| link.from).collect();
    Instance { count: 0, transactions, links, sentence }
}
