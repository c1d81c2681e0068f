/** Minor units as a person reads them: `12.00 EUR`. Every currency of ours has two digits. */
export const renderMoney = (amount, currency) => `${(amount / 100).toFixed(2)} ${currency}`;
