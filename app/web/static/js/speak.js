// A button that says its words aloud, in the page's language; where there is no voice, no button.
const voice = window.speechSynthesis;

function say(event) {
  const words = new SpeechSynthesisUtterance(event.currentTarget.dataset.speak);
  words.lang = document.documentElement.lang;
  voice.cancel();
  voice.speak(words);
}

if (voice && window.SpeechSynthesisUtterance) {
  for (const button of document.querySelectorAll("[data-speak]")) {
    button.hidden = false;
    button.addEventListener("click", say);
  }
}
