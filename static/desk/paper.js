/* The key that prints the blank paper form. */

document.getElementById("print").addEventListener("click", () => print());
