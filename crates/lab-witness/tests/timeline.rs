//! A timeline says the same in every form, and none grows without end.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use lab_witness::{Span, Timeline};

fn span(lane: usize, label: &str, from: u64, until: Option<u64>) -> Span {
    let times_ns = Some((from * 1_000, until.map(|until| until * 1_000)));
    let (has_failed, is_blamed) = (label == "failed", label == "blamed");
    Span {
        lane,
        label: label.to_owned(),
        from,
        until,
        times_ns,
        has_failed,
        is_blamed,
        is_maybe: false,
    }
}

fn timeline(spans: Vec<Span>) -> Timeline {
    let lanes = spans.iter().map(|span| span.lane).max().map_or(0, |last| last + 1);
    Timeline {
        headline: "VIOLATED  register".to_owned(),
        lanes: (0..lanes).map(|lane| format!("process {lane}")).collect(),
        orders: (1..spans.len()).map(|at| (at - 1, at)).collect(),
        spans,
        sentence: "it cannot be".to_owned(),
        notes: vec!["that is all".to_owned()],
    }
}

fn forms(timeline: &Timeline) -> [String; 3] {
    [timeline.to_text(), timeline.to_mermaid(), timeline.to_svg()]
}

#[test]
fn bars_overlap_where_operations_do() {
    let spans = vec![
        span(0, "write 1", 3, Some(9)),
        span(1, "failed", 5, Some(7)),
        span(1, "blamed", 12, Some(15)),
        span(2, "open", 10, None),
    ];
    let text = timeline(spans).to_text();
    let expected = "\
VIOLATED  register
  process 0  |--- write 1 ----|
  process 1    |-- failed --x     |-- blamed --|
  process 2                     |---- open ----?
  so   it cannot be
  note that is all
  when process 0 write 1: from 0 ns to 6.00 µs
  when process 1 failed: from 2.00 µs to 4.00 µs
  when process 1 blamed: from 9.00 µs to 12.00 µs
  when process 2 open: from 7.00 µs and no answer
";
    assert_eq!(text, expected);
}

#[test]
fn markup_in_a_value_is_text_in_every_form() {
    let nasty = "</text><script>&\"'` :;#%%{init} ]]> \n --|";
    let [text, mermaid, svg] = forms(&timeline(vec![span(0, nasty, 0, Some(1))]));
    assert!(text.contains("</text><script>"), "{text}");
    assert_eq!(text.lines().count(), 5, "{text}");
    assert!(!svg.contains("<script>") && svg.contains("&lt;script&gt;"), "{svg}");
    let bar = mermaid.lines().last().unwrap();
    assert_eq!(bar.matches(':').count(), 1, "{bar}");
    assert!(!bar.contains('<') && !bar.contains("%%"), "{bar}");
}

#[test]
fn no_form_grows_with_the_history() {
    let long = "x".repeat(10_000);
    let many = (0..10_000).map(|at| span(at as usize % 7, &long, 2 * at, Some(2 * at + 1)));
    let mut timeline = timeline(many.collect());
    timeline.notes = vec![long.clone(); 1_000];
    timeline.sentence = long;
    let [text, mermaid, svg] = forms(&timeline);
    for form in [&text, &mermaid, &svg] {
        assert!(form.len() < 64 << 10, "{} bytes", form.len());
        assert!(form.contains("more operations"), "{form}");
        assert!(form.contains("and 9600 more characters"), "{form}");
    }
    assert!(text.contains("note … and 984 more notes"), "{text}");
    assert!(svg.contains("and 984 more notes"), "{svg}");
    assert!(text.lines().all(|line| line.chars().count() < 450), "{text}");
}

#[test]
fn a_picture_has_a_width_that_fits_and_says_what_it_leaves_out() {
    let many = (0..50).map(|at| span(at as usize, "write 1", 2 * at, Some(2 * at + 1)));
    let timeline = timeline(many.collect());
    let text = timeline.to_text();
    let shown = text.lines().filter(|line| line.contains("|-- write 1 --|")).count();
    assert!((10..40).contains(&shown), "{text}");
    assert!(text.contains(&format!("… and {} more operations", 50 - shown)), "{text}");
    assert!(!text.contains("process 45"), "{text}");
    let svg = timeline.to_svg();
    let size = |name: &str| -> u32 {
        let from = svg.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
        svg[from..].split('"').next().unwrap().parse().unwrap()
    };
    assert!(size("width") < 4_000 && size("height") < 4_000, "{svg}");
}

#[test]
fn a_maybe_is_drawn_as_one() {
    let maybe = Span { is_maybe: true, ..span(0, "maybe write 1", 0, Some(1)) };
    let [text, mermaid, svg] = forms(&timeline(vec![maybe, span(0, "write 2", 2, Some(3))]));
    assert!(text.contains("|-- maybe write 1 --? |-- write 2 --|"), "{text}");
    assert!(text.contains("maybe write 1: from 0 ns on, if at all"), "{text}");
    assert!(mermaid.contains("maybe write 1 :done"), "{mermaid}");
    assert!(svg.contains("stroke-dasharray"), "{svg}");
}

#[test]
fn a_timeline_reads_back_from_its_document() {
    let timeline = timeline(vec![span(0, "write 1", 0, None)]);
    let text = serde_json::to_string(&timeline).unwrap();
    assert_eq!(serde_json::from_str::<Timeline>(&text).unwrap(), timeline);
}
