export const STYLE = `
:root { color-scheme: light; }
body { margin: 0; background: #f6f7f8; color: #1c2126; font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 20px 60px; }
header, section { background: #fff; border: 1px solid #e2e5e9; border-radius: 8px; padding: 18px 24px; margin-bottom: 18px; }
header { border-left: 8px solid #009e73; }
header.broken { border-left-color: #c22; }
header.invalid { border-left-color: #e69f00; }
h1 { font-size: 26px; margin: 0 0 6px; }
h2 { font-size: 19px; margin: 0 0 8px; }
h3 { font-size: 15px; margin: 18px 0 4px; }
p { margin: 4px 0 10px; max-width: 78ch; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 12px 0 0; font-size: 14px; }
dt { color: #667; }
dd { margin: 0; overflow-wrap: anywhere; }
svg { width: 100%; height: auto; display: block; }
.tick { font-size: 11px; fill: #667; }
.value { font-size: 12px; fill: #1c2126; }
.grid { stroke: #e8ebee; }
.healed { stroke: #1c2126; stroke-dasharray: 4 3; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(100px, 1fr)); gap: 12px; }
.tiles b { display: block; font-size: 24px; font-variant-numeric: tabular-nums; }
.tiles span { color: #667; font-size: 13px; }
.legend { font-size: 13px; color: #445; }
.legend span { margin-right: 18px; }
.legend i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 6px; vertical-align: -1px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th { text-align: left; color: #667; font-weight: 600; }
th, td { padding: 4px 10px 4px 0; border-bottom: 1px solid #edf0f2; vertical-align: top; }
td code { white-space: nowrap; }
.n { text-align: right; font-variant-numeric: tabular-nums; padding-right: 18px; }
.bad { color: #c22; font-weight: 600; }
pre { background: #f6f7f8; padding: 10px; overflow-x: auto; font-size: 12px; }
summary { cursor: pointer; font-weight: 600; }
code { font-size: 13px; }
`;
