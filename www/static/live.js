// A page that waits for something (a payment, a confirmation) asks every two seconds whether it has
// come, and then loads itself anew. Without this script it loads itself anew every ten seconds.
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
  setTimeout(look, 2000);
}());
