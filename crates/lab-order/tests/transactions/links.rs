//! What a cycle says, held against what its transactions did.

use lab_order::{
    About, Dependency, Instance, Kind, Link, Phenomenon, Step, Transactions, Values, Variant,
};

/// Whether the links of a cycle are there, close, and are of the kinds that its name says.
pub(crate) fn is_cycle(
    transactions: &Transactions,
    phenomenon: Phenomenon,
    instance: &Instance,
) -> bool {
    let links = &instance.links;
    let next = links.iter().cycle().skip(1);
    let is_closed = links.iter().zip(next).all(|(link, next)| link.to == next.from);
    let is_told = links.iter().map(|link| link.from).eq(instance.transactions.iter().copied());
    let is_there = links.iter().all(|link| holds(transactions, link));
    is_closed && is_told && is_there && is_named(phenomenon, links)
}

fn is_named(phenomenon: Phenomenon, links: &[Link]) -> bool {
    let count = |kind: Dependency| links.iter().filter(|link| link.kind == kind).count();
    let is_rw = |at: usize| links[at % links.len()].kind == Dependency::Rw;
    let are_apart = (0..links.len()).all(|at| !is_rw(at) || !is_rw(at + 1));
    let [ww, wr, rw] = [Dependency::Ww, Dependency::Wr, Dependency::Rw].map(count);
    let is_of_kind = match phenomenon.kind {
        Kind::G0 => ww > 0 && wr + rw == 0,
        Kind::G1c => wr > 0 && rw == 0,
        Kind::GSingle => rw == 1,
        Kind::GNonadjacent => rw > 1 && are_apart,
        Kind::G2Item => rw > 1,
        _ => false,
    };
    let extra = [Dependency::Process, Dependency::Realtime].map(|kind| count(kind) > 0);
    // Beside the data a variant needs the order of clients or real time.
    let needed = [Variant::Process, Variant::Realtime].map(|it| it == phenomenon.variant);
    is_of_kind && extra == needed
}

fn holds(transactions: &Transactions, link: &Link) -> bool {
    let [from, to] = [link.from, link.to].map(|at| &transactions.all[at]);
    let is_before = from.ended.is_some_and(|ended| ended < to.invoked);
    let Some(about) = link.about else {
        let is_own = from.process == to.process;
        return is_before && (link.kind == Dependency::Realtime || is_own);
    };
    let About { key, before, after, .. } = about;
    let wrote = |at: usize, element: Option<usize>| {
        element.is_some_and(|it| transactions.all[at].steps.contains(&Step::Write(key, it)))
    };
    let saw = |at: usize, last| seen(transactions, at, key).any(|it| it.last().copied() == last);
    let follows = || follows(transactions, about, link.to);
    match link.kind {
        Dependency::Ww => wrote(link.from, before) && wrote(link.to, after) && follows(),
        Dependency::Wr => before == after && wrote(link.from, before) && saw(link.to, before),
        Dependency::Rw => saw(link.from, before) && wrote(link.to, after) && follows(),
        Dependency::Process | Dependency::Realtime => false,
    }
}

/// What a transaction saw of a key that it had not written itself.
fn seen(transactions: &Transactions, at: usize, key: usize) -> impl Iterator<Item = Vec<usize>> {
    let steps = &transactions.all[at].steps;
    let is_own = move |element: &usize| steps.contains(&Step::Write(key, *element));
    let is_list = transactions.values == Values::Lists;
    steps.iter().filter_map(move |step| match step {
        Step::Read(of, seen) if *of == key && (is_list || !seen.iter().any(is_own)) => {
            Some(seen.iter().filter(|it| !is_own(it)).copied().collect())
        }
        _ => None,
    })
}

/// Whether one version of a key comes after another, and no other between.
fn follows(transactions: &Transactions, about: About, writer: usize) -> bool {
    let About { key, before, after, .. } = about;
    if transactions.values == Values::Registers {
        return before.is_none()
            || seen(transactions, writer, key).any(|it| it.last().copied() == before);
    }
    let whole = |step: &Step| match step {
        Step::Read(of, seen) if *of == key => Some(seen.clone()),
        _ => None,
    };
    let lists: Vec<Vec<usize>> =
        transactions.all.iter().flat_map(|it| it.steps.iter().filter_map(whole)).collect();
    let place = |list: &Vec<usize>| list.iter().position(|it| Some(*it) == after);
    let stands = |list: &Vec<usize>| {
        place(list).is_some_and(|at| at.checked_sub(1).map(|before| list[before]) == before)
    };
    let is_unread = lists.iter().all(|list| place(list).is_none());
    let longest = lists.iter().max_by_key(|list| list.len());
    let is_last = longest.is_some_and(|list| list.last().copied() == before);
    lists.iter().any(stands) || is_unread && is_last
}
