//! Measurements as a table: the median, the range and how that compares with Node doing nothing.

use std::fmt::Write as _;

use crate::measure::Cost;

/// One column: its heading, and a run's number in it.
struct Column {
    heading: &'static str,
    number: fn(&Cost) -> f64,
}

const COLUMNS: [Column; 3] = [
    Column {
        heading: "wall, ms",
        number: |cost| cost.wall.as_secs_f64() * 1e3,
    },
    Column {
        heading: "user+sys, ms",
        number: |cost| cost.processor.as_secs_f64() * 1e3,
    },
    #[expect(clippy::cast_precision_loss, reason = "megabytes for people")]
    Column {
        heading: "peak memory, MiB",
        number: |cost| cost.memory as f64 / 1_048_576.0,
    },
];

/// A table in Markdown; the row called `base` is what ratios are to.
pub(crate) fn markdown(rows: &[(&str, &[Cost])], base: &str) -> String {
    let mut text = "| what |".to_owned();
    for column in &COLUMNS {
        let _ = write!(text, " {} | range | × |", column.heading);
    }
    let _ = writeln!(
        text,
        "\n| --- |{}",
        " ---: | :---: | ---: |".repeat(COLUMNS.len())
    );
    for (name, costs) in rows {
        let _ = write!(text, "| {name} |");
        for column in &COLUMNS {
            let values = sorted(costs, column);
            let unit = rows
                .iter()
                .find(|(name, _)| *name == base)
                .map_or(f64::NAN, |(_, costs)| median(&sorted(costs, column)));
            let (low, high) = (
                values.first().unwrap_or(&f64::NAN),
                values.last().unwrap_or(&f64::NAN),
            );
            let middle = median(&values);
            let ratio = if unit.is_nan() {
                "–".to_owned()
            } else {
                format!("{:.2}", middle / unit)
            };
            let _ = write!(text, " {middle:.1} | {low:.1}–{high:.1} | {ratio} |");
        }
        text.push('\n');
    }
    text
}

/// The median wall time in milliseconds.
pub(crate) fn median_wall(costs: &[Cost]) -> f64 {
    median(&sorted(costs, &COLUMNS[0]))
}

fn sorted(costs: &[Cost], column: &Column) -> Vec<f64> {
    let mut values: Vec<f64> = costs.iter().map(column.number).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The middle one, or the mean of the two in the middle.
fn median(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    match (sorted.get(middle.wrapping_sub(1)), sorted.get(middle)) {
        (Some(low), Some(high)) if sorted.len().is_multiple_of(2) => f64::midpoint(*low, *high),
        (_, Some(value)) => *value,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_in_the_middle() {
        assert!((median(&[1.0, 2.0, 9.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[1.0, 2.0, 4.0, 9.0]) - 3.0).abs() < f64::EPSILON);
        assert!(median(&[]).is_nan());
    }
}
