//! The table of measured figures, with their bounds.

/// The figures of a run.
pub(crate) struct FigureTable {
    rows: Vec<FigureRow>,
}

struct FigureRow {
    what: String,
    figure: f64,
    unit: &'static str,
    bound: Option<FigureBound>,
}

/// What a figure must keep.
#[derive(Clone, Copy)]
enum FigureBound {
    AtMost(f64),
    AtLeast(f64),
}

impl FigureTable {
    pub(crate) fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// Adds a figure without a bound.
    pub(crate) fn note(&mut self, what: impl Into<String>, figure: f64, unit: &'static str) {
        self.push(what.into(), figure, unit, None);
    }

    /// Adds a figure that must not exceed `bound`.
    pub(crate) fn must(
        &mut self,
        what: impl Into<String>,
        figure: f64,
        unit: &'static str,
        bound: f64,
    ) {
        let bound = Some(FigureBound::AtMost(bound));
        self.push(what.into(), figure, unit, bound);
    }

    /// Adds a figure that must reach `bound`.
    pub(crate) fn must_reach(
        &mut self,
        what: impl Into<String>,
        figure: f64,
        unit: &'static str,
        bound: f64,
    ) {
        let bound = Some(FigureBound::AtLeast(bound));
        self.push(what.into(), figure, unit, bound);
    }

    fn push(&mut self, what: String, figure: f64, unit: &'static str, bound: Option<FigureBound>) {
        let row = FigureRow {
            what,
            figure,
            unit,
            bound,
        };
        println!("{}", row.line());
        self.rows.push(row);
    }

    /// True if every bound is kept.
    pub(crate) fn holds(&self) -> bool {
        self.rows.iter().all(FigureRow::holds)
    }

    /// Prints all figures together.
    pub(crate) fn print(&self) {
        println!("\n{:<58} {:>12}  bound", "measured", "figure");
        for row in &self.rows {
            println!("{}", row.line());
        }
    }
}

impl FigureRow {
    /// A figure that is no number keeps no bound.
    fn holds(&self) -> bool {
        match self.bound {
            None => true,
            Some(FigureBound::AtMost(bound)) => self.figure <= bound,
            Some(FigureBound::AtLeast(bound)) => self.figure >= bound,
        }
    }

    fn line(&self) -> String {
        let kept = if self.holds() { "ok" } else { "BROKEN" };
        let bound = match self.bound {
            None => String::new(),
            Some(FigureBound::AtMost(bound)) => format!("≤ {bound} {kept}"),
            Some(FigureBound::AtLeast(bound)) => format!("≥ {bound} {kept}"),
        };
        format!(
            "{:<58} {:>9.3} {:<6} {bound}",
            self.what, self.figure, self.unit
        )
    }
}

/// The median, because single figures of a shared machine are far off and distort a mean.
pub(crate) fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_holds_if_every_bound_is_kept() {
        let check = |add: fn(&mut FigureTable), holds: bool| {
            let mut table = FigureTable::new();
            table.note("a note", f64::NAN, "");
            add(&mut table);
            assert_eq!(table.holds(), holds, "{}", table.rows[1].line());
        };
        check(|table| table.must("at most", 1.0, "s", 1.0), true);
        check(|table| table.must("at most", 1.1, "s", 1.0), false);
        check(|table| table.must("at most", f64::NAN, "s", 1.0), false);
        check(|table| table.must_reach("at least", 1.0, "s", 1.0), true);
        check(|table| table.must_reach("at least", 0.9, "s", 1.0), false);
    }
}
