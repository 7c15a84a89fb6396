// Draws every [data-chart] with ECharts in the page's colours; loads ECharts only where a chart is.
(() => {
  "use strict";
  const source = document.currentScript.dataset.echarts;
  const zh = document.documentElement.dataset.lang === "zh";
  const charts = new Map();
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  let loading;
  const load = () => (loading ||= new Promise((done, failed) => {
    if (window.echarts) return done();
    const script = document.createElement("script");
    script.src = source;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  }));

  // Numbers arrive in the unit the option names: money in yuan, ratio as 0.63, number as it is.
  const short = (value, symbol) => {
    /** @type {[number, string][]} */
    const steps = zh ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "B"], [1e6, "M"], [1e3, "K"]];
    for (const [size, name] of steps) {
      if (Math.abs(value) >= size) return symbol + (value / size).toLocaleString("en", { maximumFractionDigits: 1 }) + name;
    }
    return symbol + value.toLocaleString("en", { maximumFractionDigits: 1 });
  };
  const formats = {
    money: (v) => (v == null ? "–" : short(v, "¥")),
    ratio: (v) => (v == null ? "–" : `${(v * 100).toLocaleString("en", { maximumFractionDigits: 1 })}%`),
    number: (v) => (v == null ? "–" : v.toLocaleString("en", { maximumFractionDigits: 2 })),
  };

  const theme = () => {
    const [ink, ink2, line, panel] = ["--w-ink", "--w-ink-2", "--w-line", "--w-panel"].map(css);
    const axis = { axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: ink2, fontSize: 12 }, splitLine: { lineStyle: { color: line } } };
    return {
      color: [css("--w-accent"), css("--c-indigo"), css("--c-orange"), css("--c-azure"), css("--c-pink"), css("--c-yellow"), css("--c-gray")],
      backgroundColor: "transparent",
      textStyle: { fontFamily: css("--w-font"), color: ink },
      legend: { textStyle: { color: ink2 }, icon: "roundRect", itemWidth: 10, itemHeight: 10, top: 0, left: 0 },
      tooltip: { backgroundColor: panel, borderColor: line, textStyle: { color: ink, fontSize: 13 }, extraCssText: "box-shadow: var(--w-shadow); border-radius: 10px" },
      categoryAxis: { ...axis, splitLine: { show: false } }, valueAxis: { ...axis, axisLine: { show: false } }, timeAxis: axis,
      bar: { itemStyle: { borderRadius: [4, 4, 0, 0] }, barMaxWidth: 34 },
      line: { lineStyle: { width: 2.4 }, symbolSize: 6, showSymbol: false },
    };
  };

  const draw = async (box) => {
    await load();
    if (!box.isConnected) return;
    const option = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    const format = formats[box.dataset.unit] || formats.number;
    charts.get(box)?.dispose();
    echarts.registerTheme("wubu", theme());
    box.textContent = "";
    const chart = echarts.init(box, "wubu", { renderer: "canvas" });
    const plain = matchMedia("(prefers-reduced-motion: reduce)").matches;
    chart.setOption({ animation: !plain, animationDuration: 350, grid: { left: 4, right: 12, top: 36, bottom: 4, containLabel: true }, ...option });
    const axes = (all) => [].concat(all || []).map((a) => (a.type === "value" ? { axisLabel: { formatter: format } } : {}));
    chart.setOption({ xAxis: option.xAxis ? axes(option.xAxis) : undefined, yAxis: option.yAxis ? axes(option.yAxis) : undefined, tooltip: option.tooltip ? { valueFormatter: format } : undefined });
    chart.on("click", ({ data }) => { if (data?.url) location.href = data.url; });
    charts.set(box, chart);
  };
  const all = () => {
    for (const [box, chart] of charts) if (!box.isConnected) { chart.dispose(); charts.delete(box); }
    document.querySelectorAll("[data-chart]").forEach((box) => { if (!charts.has(box)) draw(box); });
  };
  document.addEventListener("DOMContentLoaded", all);
  document.addEventListener("htmx:after:swap", all);
  document.addEventListener("theme", () => [...charts.keys()].forEach(draw));
  addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
})();
