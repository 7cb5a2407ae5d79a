//! Performance data of Nagios plugins: `'label'=value[UOM];[warn];[crit];[min];[max]`, separated by
//! spaces. UOM is the unit of measurement.

use up_core::Detail;

/// One figure of performance data.
#[derive(Clone, Debug, PartialEq)]
pub struct Perf {
    /// The label: what was measured.
    pub label: String,
    /// The value in `unit`. `None` if the plugin could not determine it and wrote `U`.
    pub value: Option<f64>,
    /// The unit of measurement: `s`, `%`, `B`, `c` (a counter), … Empty for a plain number.
    pub unit: String,
    /// The warning range, as the plugin wrote it.
    pub warn: Option<String>,
    /// The critical range, as the plugin wrote it.
    pub crit: Option<String>,
    /// The lowest possible value, in `unit`.
    pub min: Option<f64>,
    /// The highest possible value, in `unit`.
    pub max: Option<f64>,
}

/// The largest number of figures that are read from one output.
const MAX_FIGURES: usize = 200;
/// The largest number of characters that are kept of a label, a unit or a range.
const MAX_TEXT: usize = 100;

/// Reads all figures of a plugin's performance data. Words that do not follow the format are
/// skipped. At most the first 200 figures are returned.
pub fn perfdata(text: &str) -> Vec<Perf> {
    let mut rest = text;
    let mut found = Vec::new();
    while found.len() < MAX_FIGURES {
        rest = rest.trim_start();
        if rest.is_empty() {
            break;
        }
        let Some((label, after)) = label(rest) else {
            rest = rest
                .split_once(char::is_whitespace)
                .map_or("", |(_, after)| after);
            continue;
        };
        let (figure, after) = after.split_once(char::is_whitespace).unwrap_or((after, ""));
        found.extend(perf(label, figure));
        rest = after;
    }
    found
}

/// Splits `text` after the `=` behind its first label. A quoted label may contain spaces and `=`,
/// and `''` in it is one quote; some plugins write `\'` for it. A backslash before the closing
/// quote belongs to the label, as in `'C:\'=5`.
fn label(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('\'') else {
        // The search ends at the first space: otherwise a text of very many words would be searched
        // to its end once for each word.
        let end = text.find(|c: char| c == '=' || c == '\'' || c.is_whitespace())?;
        let (label, after) = (&text[..end], text[end..].strip_prefix('=')?);
        return (!label.is_empty()).then(|| (bounded_line(label), after));
    };
    let mut label = String::new();
    let mut rest = quoted;
    loop {
        let (part, after) = rest.split_once('\'')?;
        if let Some(after) = after.strip_prefix('=') {
            label.push_str(part);
            return (!label.is_empty()).then(|| (bounded_line(&label), after));
        }
        let part = if let Some(after) = after.strip_prefix('\'') {
            rest = after;
            part
        } else {
            rest = after;
            part.strip_suffix('\\')?
        };
        label.extend([part, "'"]);
    }
}

/// Reads the part of a figure behind `label=`.
fn perf(label: String, figure: &str) -> Option<Perf> {
    // Some plugins put commas between figures as well as spaces.
    let mut fields = figure.trim_end_matches(',').split(';');
    let measured = fields.next()?;
    let (value, unit) = if measured == "U" {
        (None, "")
    } else {
        let (value, unit) = number(measured)?;
        (Some(value), unit)
    };
    let mut range = || {
        fields
            .next()
            .filter(|field| !field.is_empty())
            .map(bounded_line)
    };
    let (warn, crit) = (range(), range());
    let mut bound = || Some(fields.next().and_then(number)?.0);
    let (min, max) = (bound(), bound());
    Some(Perf {
        label,
        value,
        unit: bounded_line(unit),
        warn,
        crit,
        min,
        max,
    })
}

/// Splits `text` into the number at its start and the unit behind it, as in `9.9e-06s`, `1.6E+11B`
/// and `12EB`. `None` if there is no number, if the number is not finite, or if it goes on as no
/// unit can, as in `1.2.3` and `10:20`.
fn number(text: &str) -> Option<(f64, &str)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_part = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let end = unsigned.find(|c| !is_part(c)).unwrap_or(unsigned.len());
    let (digits, rest) = unsigned.split_at(end);
    let exponent = exponent(rest);
    let unit = &rest[exponent.len()..];
    if unit.starts_with(['+', '-', ':']) {
        return None;
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    let number: f64 = format!("{sign}{}{exponent}", without_separators(digits)?)
        .parse()
        .ok()?;
    number.is_finite().then_some((number, unit))
}

/// The exponent at the start of `text`, or nothing. An `E` without digits behind it is the first
/// letter of a unit, as in `EB`.
fn exponent(text: &str) -> &str {
    let Some(rest) = text.strip_prefix(['e', 'E']) else {
        return "";
    };
    let digits = rest.strip_prefix(['+', '-']).unwrap_or(rest);
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    match count {
        0 => "",
        _ => &text[..text.len() - digits.len() + count],
    }
}

/// Rewrites `digits` so that Rust can parse them: without marks between thousands, and with a point
/// before the decimals. A single comma is a decimal mark, as in `1,5`. Of several marks, all but
/// the last kind stand between thousands, as in `1,234.5`, `1.234,5` and `1,234,567`. `None` if
/// this is no number, for example a version (`1.2.3`).
fn without_separators(digits: &str) -> Option<String> {
    let is_mark = |c: char| c == '.' || c == ',';
    let Some(last) = digits.rfind(is_mark) else {
        return Some(digits.to_owned());
    };
    let (whole, fraction) = (&digits[..last], &digits[last + 1..]);
    let Some(first) = whole.find(is_mark) else {
        return Some(format!("{whole}.{fraction}"));
    };
    let between = &digits[first..=first];
    let has_decimals = digits[last..=last] != *between;
    let grouped = if has_decimals { whole } else { digits };
    let mut groups = grouped.split(between);
    let is_grouped = (1..=3).contains(&groups.next().map_or(0, str::len))
        && groups.all(|group| group.len() == 3 && !group.contains(is_mark));
    let decimals = if has_decimals { fraction } else { "" };
    is_grouped.then(|| format!("{}.{decimals}", grouped.replace(between, "")))
}

/// One line of at most [`MAX_TEXT`] characters.
fn bounded_line(text: &str) -> String {
    up_core::cause::one_line(text, MAX_TEXT)
}

impl Perf {
    /// The figure as a detail with the keys `value`, `unit`, `warn`, `crit`, `min` and `max`. Keys
    /// without a value are left out.
    pub fn detail(&self) -> Detail {
        let mut detail = Detail::new();
        let number = |detail: &mut Detail, name: &'static str, number: Option<f64>| {
            if let Some(number) = number {
                detail.put(name, number);
            }
        };
        number(&mut detail, "value", self.value);
        let texts = [
            ("warn", self.warn.as_deref()),
            ("crit", self.crit.as_deref()),
        ];
        let unit = Some(self.unit.as_str()).filter(|unit| !unit.is_empty());
        for (name, text) in [("unit", unit)].into_iter().chain(texts) {
            if let Some(text) = text {
                detail.put(name, text);
            }
        }
        number(&mut detail, "min", self.min);
        number(&mut detail, "max", self.max);
        detail
    }
}

#[cfg(test)]
mod tests;
