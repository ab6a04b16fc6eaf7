// A page that waits for something (a payment, a confirmation) asks every two seconds whether it has
// come, and then loads itself anew. Without this script it loads itself anew every ten seconds.
// A page that waits for nothing begins to ask when somebody goes to book in another tab.
(function () {
  "use strict";
  var me = document.currentScript.dataset;
  var left = 450;
  function look() {
    left -= 1;
    if (left < 0) { return; }
    fetch(me.state, { credentials: "same-origin", cache: "no-store", redirect: "error" })
      .then(function (answer) { return answer.ok ? answer.text() : me.mark; })
      .catch(function () { return me.mark; })
      .then(function (mark) {
        if (mark !== me.mark) { location.replace(me.page); } else { setTimeout(look, 2000); }
      });
  }
  function begin() { setTimeout(look, 2000); }
  if (me.waits) { begin(); return; }
  document.addEventListener("submit", function once(event) {
    if (!event.target.matches("form.book")) { return; }
    document.removeEventListener("submit", once);
    begin();
  });
}());
