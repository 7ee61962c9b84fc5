//! scratch
#[cfg(test)]
mod tests {
    use lab_explore::*;
    use lab_scenario::*;
    use lab_store::*;
    use std::time::*;
    #[test]
    fn t() {
        let server = lab_servers::postgres().unwrap();
        for e in store_postgres::entries::<Stepped>() {
          for name in ["log_time@3x1"] {
            let size: Size = name.parse().unwrap();
            let scenario = Scenario::sized(size);
            let site = Site { url: Some(server.url().into()), namespace: "x3".into(), ..Site::default() };
            let mut first = None;
            for round in 0..2 {
            store_postgres::drop_namespace(&site).unwrap();
            let mut arena = Arena::new(e, &scenario, site.clone());
            let t = Instant::now();
            let s = explore(&mut arena, 1500).unwrap();
            let el = t.elapsed();
            println!("{} {name} round {round}: {} schedules, {} anomalous, cut {}, complete {}, failure {:?} first {:?} in {el:?} ({:.0}/s)", e.name, s.schedules.len(), s.anomalous(), s.cut_by_server, s.is_complete, s.failure, s.found, (s.schedules.len()+s.cut_by_server) as f64 / el.as_secs_f64());
            match &first { None => first = Some(s.schedules), Some(f) => println!("   same: {}", *f == s.schedules) }
            }
          }
        }
    }
}
