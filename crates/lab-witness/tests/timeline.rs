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
    let timeline = timeline(many.collect());
    for form in forms(&timeline) {
        assert!(form.len() < 64 << 10, "{} bytes", form.len());
        assert!(form.contains("and 9960 more operations"), "{form}");
    }
}

#[test]
fn a_timeline_reads_back_from_its_document() {
    let timeline = timeline(vec![span(0, "write 1", 0, None)]);
    let text = serde_json::to_string(&timeline).unwrap();
    assert_eq!(serde_json::from_str::<Timeline>(&text).unwrap(), timeline);
}
