// a narrow screen begins with the text, not with a long list
if (innerWidth < 1152) document.querySelector(".toc details").open = false;
