//! The table of measured figures, with their bounds.

/// The figures of a run.
pub(crate) struct FigureTable {
    rows: Vec<FigureRow>,
}

struct FigureRow {
    what: String,
    figure: f64,
    unit: &'static str,
    bound: Option<f64>,
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
        self.push(what.into(), figure, unit, Some(bound));
    }

    fn push(&mut self, what: String, figure: f64, unit: &'static str, bound: Option<f64>) {
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
    fn holds(&self) -> bool {
        self.bound.is_none_or(|bound| self.figure <= bound)
    }

    fn line(&self) -> String {
        let bound = match self.bound {
            None => String::new(),
            Some(bound) if self.holds() => format!("≤ {bound} ok"),
            Some(bound) => format!("≤ {bound} BROKEN"),
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
