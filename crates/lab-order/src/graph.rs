//! A directed graph of numbers, and its strongly connected components.

/// Edges by where they begin.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    /// For each node where its edges begin in `to`.
    from: Vec<usize>,
    to: Vec<u32>,
}

impl Graph {
    pub(crate) fn new(nodes: usize, edges: &[(u32, u32)]) -> Self {
        let mut from = vec![0; nodes + 1];
        for (start, _) in edges {
            from[*start as usize + 1] += 1;
        }
        for node in 0..nodes {
            from[node + 1] += from[node];
        }
        let mut next = from.clone();
        let mut to = vec![0; edges.len()];
        for (start, end) in edges {
            to[next[*start as usize]] = *end;
            next[*start as usize] += 1;
        }
        Self { from, to }
    }

    pub(crate) fn nodes(&self) -> usize {
        self.from.len() - 1
    }

    pub(crate) fn after(&self, node: u32) -> &[u32] {
        &self.to[self.from[node as usize]..self.from[node as usize + 1]]
    }

    /// The strongly connected components, each after all that can be reached from it: Tarjan,
    /// "Depth-First Search and Linear Graph Algorithms", SIAM Journal on Computing 1972. Without
    /// recursion, since a history is as deep as it is long.
    pub(crate) fn components(&self) -> Vec<Vec<u32>> {
        let mut search = Search {
            graph: self,
            number: vec![0; self.nodes()],
            low: vec![0; self.nodes()],
            is_open: vec![false; self.nodes()],
            count: 0,
            open: Vec::new(),
            components: Vec::new(),
        };
        for node in 0..u32::try_from(self.nodes()).unwrap_or(u32::MAX) {
            if search.number[node as usize] == 0 {
                search.visit(node);
            }
        }
        search.components
    }
}

struct Search<'a> {
    graph: &'a Graph,
    /// In which order nodes were reached, from 1.
    number: Vec<u32>,
    /// The lowest number of an open node that can be reached.
    low: Vec<u32>,
    is_open: Vec<bool>,
    count: u32,
    open: Vec<u32>,
    components: Vec<Vec<u32>>,
}

impl Search<'_> {
    fn visit(&mut self, root: u32) {
        let mut path = vec![(root, 0)];
        self.enter(root);
        while let Some((node, edge)) = path.last_mut() {
            let (at, node) = (*edge, *node);
            *edge += 1;
            let Some(&next) = self.graph.after(node).get(at) else {
                path.pop();
                if let Some((before, _)) = path.last() {
                    let low = self.low[node as usize];
                    let before = &mut self.low[*before as usize];
                    *before = low.min(*before);
                }
                self.leave(node);
                continue;
            };
            if self.number[next as usize] == 0 {
                self.enter(next);
                path.push((next, 0));
            } else if self.is_open[next as usize] {
                let low = &mut self.low[node as usize];
                *low = self.number[next as usize].min(*low);
            }
        }
    }

    fn enter(&mut self, node: u32) {
        self.count += 1;
        self.number[node as usize] = self.count;
        self.low[node as usize] = self.count;
        self.is_open[node as usize] = true;
        self.open.push(node);
    }

    fn leave(&mut self, node: u32) {
        if self.low[node as usize] != self.number[node as usize] {
            return;
        }
        let at = self.open.iter().rposition(|open| *open == node).unwrap_or(0);
        let component = self.open.split_off(at);
        for member in &component {
            self.is_open[*member as usize] = false;
        }
        self.components.push(component);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `to` can be reached from `from`, by brute force.
    fn reaches(graph: &Graph, from: u32, to: u32) -> bool {
        let mut seen = vec![false; graph.nodes()];
        let mut open = vec![from];
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut seen[node as usize], true) {
                open.extend(graph.after(node));
            }
        }
        seen[to as usize]
    }

    #[test]
    fn components_are_what_reaches_each_other_in_reverse_order() {
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..2000 {
            let nodes = random.u32(1..9);
            let edge = |_| (random.u32(..nodes), random.u32(..nodes));
            let edges: Vec<_> = (0..nodes * 3 / 2).map(edge).collect();
            let graph = Graph::new(nodes as usize, &edges);
            let components = graph.components();
            assert_eq!(components.iter().flatten().count(), nodes as usize);
            for (at, one) in components.iter().enumerate() {
                for (later, other) in components.iter().enumerate().skip(at) {
                    let (a, b) = (one[0], other[other.len() - 1]);
                    assert_eq!(later == at, reaches(&graph, a, b) && reaches(&graph, b, a));
                    assert!(later == at || !reaches(&graph, a, b));
                }
            }
        }
    }

    #[test]
    fn a_chain_of_a_million_does_not_exhaust_the_stack() {
        let edges: Vec<_> = (1..1_000_000).map(|node| (node - 1, node)).collect();
        assert_eq!(Graph::new(1_000_000, &edges).components().len(), 1_000_000);
    }
}
