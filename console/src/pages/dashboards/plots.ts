// The parts of ECharts that the plots are made of: imported with the page, and by nothing else.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

export { init };

export interface Drawn {
  name: string;
  values: number[];
}

export interface Drawing {
  kind: "bars" | "lines" | "rows";
  labels: string[];
  series: Drawn[];
  /** A value in words. */
  spell: (value: number) => string;
}

/** Told apart by people who see colours otherwise, 3 : 1 and more against the page (Okabe and Ito, made lighter for the dark). */
const COLORS = {
  light: ["#0072b2", "#c25100", "#007a59", "#6b5b95"],
  dark: ["#56b4e9", "#f0944d", "#33c49b", "#b9a6e0"],
};
const TEXT = { light: "#3a434a", dark: "#c3ccd3" };
const LINES = { light: "#d9dfe2", dark: "#333c42" };
const PAGE = { light: "#fcfdfd", dark: "#14191c" };

/** Pixels above a plot: nothing, a line of names, or on a phone two of them. */
const ROOM = { none: 12, line: 36, lines: 58 };
/** Pixels of a plot on a phone, at most. */
const NARROW = 360;

/** What ECharts draws, and how names of several series have room where it is narrow. */
export function optionOf(drawing: Drawing, scheme: "light" | "dark"): EChartsCoreOption {
  const top = (pixels: number) => ({ grid: { top: pixels } });
  const baseOption = plotOf(drawing, scheme);
  if (drawing.series.length < 2) return baseOption;
  return { baseOption, media: [{ query: { maxWidth: NARROW }, option: top(ROOM.lines) }, { option: top(ROOM.line) }] };
}

/** Several series have patterns, too: nothing is told by colour alone. */
function plotOf({ kind, labels, series, spell }: Drawing, scheme: "light" | "dark"): EChartsCoreOption {
  const text = { color: TEXT[scheme], fontSize: 12 };
  const values = {
    type: "value",
    minInterval: 1,
    axisLabel: { ...text, hideOverlap: true },
    splitLine: { lineStyle: { color: LINES[scheme] } },
  };
  const names = {
    type: "category",
    data: labels,
    axisLabel: { ...text, hideOverlap: true, ...(kind === "rows" && { width: 130, overflow: "truncate" }) },
    axisLine: { lineStyle: { color: LINES[scheme] } },
    axisTick: { show: false },
    ...(kind === "rows" && { inverse: true }),
  };
  return {
    animation: false,
    color: COLORS[scheme],
    textStyle: { fontFamily: "system-ui, sans-serif" },
    aria: { enabled: true, label: { enabled: false }, decal: { show: series.length > 1 && kind === "bars" } },
    // The last moment stands under the plot's end, half of it beyond.
    grid: { left: 8, right: kind === "rows" ? 16 : 32, top: series.length > 1 ? ROOM.line : ROOM.none, bottom: 4, containLabel: true },
    ...(series.length > 1 && { legend: { top: 0, left: 0, textStyle: text, itemGap: 14, itemHeight: 12 } }),
    tooltip: {
      trigger: "axis",
      axisPointer: { type: kind === "lines" ? "line" : "shadow" },
      renderMode: "richText",
      backgroundColor: PAGE[scheme],
      borderColor: LINES[scheme],
      textStyle: text,
      valueFormatter: (value: unknown) => spell(Number(value)),
    },
    xAxis: kind === "rows" ? values : names,
    yAxis: kind === "rows" ? names : values,
    series: series.map(({ name, values: data }, place) => ({
      name,
      data,
      ...(kind === "lines"
        ? {
            type: "line",
            symbol: ["circle", "rect", "triangle"][place % 3],
            symbolSize: data.length > 40 ? 4 : 7,
            lineStyle: { width: 2, type: (["solid", "dashed", "dotted"] as const)[place % 3] },
          }
        : { type: "bar", barMaxWidth: 34, ...(series.length > 1 && { stack: "all" }) }),
    })),
  };
}
