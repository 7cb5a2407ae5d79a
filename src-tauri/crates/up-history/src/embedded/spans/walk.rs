//! Several spans of one path's history, cut into their parts in one pass, so that what several of them need
//! is read and unpacked once.

use super::{PathSpans, look_back};
use crate::answer::{CutSpan, Rollup};
use crate::embedded::rollups::day_begin;

impl PathSpans<'_> {
    /// What the parts of spans come to, of all of them in one pass.
    pub(in super::super) fn cut(&mut self, spans: &mut [CutSpan]) -> rusqlite::Result<()> {
        let (first, last) = self.days;
        if first > last {
            return Ok(());
        }
        let end = (day_begin(last + 1) + look_back()) / 1_000;
        let mut walks = Vec::with_capacity(spans.len());
        for span in spans {
            walks.push(SpanWalk::new(self, span, day_begin(first) / 1_000, end)?);
        }
        let mut number = first;
        while walks.iter().any(SpanWalk::is_under_way) {
            number = self.next_day(number)?.min(last);
            number += 1;
            let until = if number > last {
                i64::MAX
            } else {
                day_begin(number) / 1_000
            };
            for walk in &mut walks {
                walk.go_on(self, until)?;
            }
        }
        Ok(())
    }
}

/// A span on the way through a path's history. All times are in milliseconds.
struct SpanWalk<'s> {
    span: &'s mut CutSpan,
    /// The edges around the part that is filled.
    edge: i64,
    next: i64,
    /// What lies between the edge and this time is in `total`.
    at: i64,
    total: Rollup,
    /// Nothing comes after this time.
    end: i64,
}

impl<'s> SpanWalk<'s> {
    fn new(
        history: &mut PathSpans,
        span: &'s mut CutSpan,
        first: i64,
        end: i64,
    ) -> rusqlite::Result<Self> {
        let (mut edge, to) = span.span();
        let mut next = span.next_edge(edge);
        // What lies before the first day is passed over.
        while edge < next && next <= first {
            edge = next;
            next = span.next_edge(edge);
        }
        let total = if span.continues() {
            history.standing_of_hour_before(edge * 1_000)?
        } else {
            history.standing(edge * 1_000)?
        };
        Ok(Self {
            total,
            end: to.min(end),
            at: edge,
            edge,
            next,
            span,
        })
    }

    fn is_under_way(&self) -> bool {
        self.edge < self.next && self.edge < self.end
    }

    /// Fills parts with what lies before a time, at which a day begins.
    fn go_on(&mut self, history: &mut PathSpans, until: i64) -> rusqlite::Result<()> {
        while self.is_under_way() {
            let to = self.next.min(until);
            if self.at < to {
                history.add_span(&mut self.total, self.at * 1_000, to * 1_000)?;
                self.at = to;
            }
            if to < self.next {
                return Ok(());
            }
            let standing = self.total.standing();
            let part = std::mem::replace(&mut self.total, standing);
            self.span.take(self.edge, self.next, part);
            self.total.begin(self.next);
            self.edge = self.next;
            self.next = self.span.next_edge(self.edge);
        }
        Ok(())
    }
}
