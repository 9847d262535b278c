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

/** What ECharts draws. Several series have patterns, too: nothing is told by colour alone. */
export function optionOf({ kind, labels, series, spell }: Drawing, scheme: "light" | "dark"): EChartsCoreOption {
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
    grid: { left: 8, right: 16, top: series.length > 1 ? 36 : 12, bottom: 4, containLabel: true },
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
